import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const MAIN = join(__dirname, '..', '..', 'main.ts');
export const PASSWORD = 'correct-horse-battery-staple';

/** The server as production runs it: a process of its own. */
export interface EmbeddedServer {
  readonly port: number;
  readonly pid: number;
  readonly folder: string;
  readonly uri: string;
  readonly stderr: () => string;
  readonly child: ChildProcess;
  readonly stop: () => Promise<void>;
}

export const newFolder = (): string => mkdtempSync(join(tmpdir(), 'flowmate-mongo-'));

export function spawnServer(args: readonly string[], password = PASSWORD): ChildProcess {
  return spawn(process.execPath, ['--disable-warning=ExperimentalWarning', MAIN, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, FLOWMATE_EMBEDDED_PASSWORD: password },
  });
}

function collected(child: ChildProcess): () => string {
  let text = '';
  child.stderr?.on('data', (chunk: Buffer) => (text += chunk.toString()));
  return () => text;
}

function ready(child: ChildProcess, stderr: () => string): Promise<{ port: number; pid: number }> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}: ${stderr()}`)));
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const end = text.indexOf('\n');
      if (end >= 0) resolve((JSON.parse(text.slice(0, end)) as { listening: { port: number; pid: number } }).listening);
    });
  });
}

export async function startServer(
  options: { folder?: string; args?: readonly string[] } = {},
): Promise<EmbeddedServer> {
  const folder = options.folder ?? newFolder();
  const child = spawnServer(['--data', folder, '--port', '0', ...(options.args ?? [])]);
  const stderr = collected(child);
  const { port, pid } = await ready(child, stderr);
  return {
    port,
    pid,
    folder,
    child,
    stderr,
    uri: `mongodb://flowmate:${PASSWORD}@127.0.0.1:${port}/?authSource=admin`,
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGTERM');
        await once(child, 'exit');
      }
      if (!options.folder) rmSync(folder, { recursive: true, force: true });
    },
  };
}
