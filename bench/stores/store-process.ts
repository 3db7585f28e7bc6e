import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { memoryBytes } from '../process-figures.js';
import { freePort, ROOT } from '../server-process.js';

/** Only ever seen on this machine, by processes that end with the measurement. */
const PASSWORD = randomBytes(24).toString('hex');

export interface Store {
  readonly name: string;
  readonly uri: string;
  /** From the moment of spawning to the word that it listens. */
  readonly startMs: number;
  memoryBytes(): number;
  stop(): Promise<void>;
}

export interface EmbeddedStore extends Store {
  /** Ends the process and starts another one on the same data. */
  again(): Promise<EmbeddedStore>;
}

interface Spawned {
  readonly child: ChildProcess;
  readonly folder: string;
  readonly startMs: number;
}

export async function embeddedMongo(folder = newFolder()): Promise<EmbeddedStore> {
  const { spawned, port } = await startEmbedded('mongo', folder);
  const uri = `mongodb://flowmate:${PASSWORD}@127.0.0.1:${port}/bench?authSource=admin&directConnection=true`;
  return { ...store('embedded MongoDB', uri, spawned), again: () => restarted(spawned, embeddedMongo) };
}

export async function embeddedRedis(folder = newFolder()): Promise<EmbeddedStore> {
  const { spawned, port } = await startEmbedded('redis', folder);
  return {
    ...store('embedded Redis', `redis://:${PASSWORD}@127.0.0.1:${port}`, spawned),
    again: () => restarted(spawned, embeddedRedis),
  };
}

/** As the embedded stores themselves would run it; nothing where it is not installed. */
export async function redisServer(): Promise<Store | undefined> {
  const found = spawnSync('redis-server', ['--version'], { encoding: 'utf8' });
  const [, version] = /v=(\S+)/.exec(found.stdout ?? '') ?? [];
  if (!version) return undefined;
  const folder = newFolder();
  const port = await freePort();
  const options = `--bind 127.0.0.1 --port ${port} --dir ${folder} --appendonly yes --appendfsync everysec --requirepass ${PASSWORD}`;
  const started = performance.now();
  const child = spawn('redis-server', options.split(' '), { stdio: ['ignore', 'pipe', 'inherit'] });
  await lineOf(child, (line) => line.includes('Ready to accept connections'));
  const spawned = { child, folder, startMs: performance.now() - started };
  return store(`redis-server ${version}`, `redis://:${PASSWORD}@127.0.0.1:${port}`, spawned);
}

async function startEmbedded(kind: string, folder: string): Promise<{ spawned: Spawned; port: number }> {
  const started = performance.now();
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', `tools/embedded/${kind}/main.ts`, '--data', folder, '--port', '0'],
    {
      cwd: ROOT,
      env: { PATH: process.env['PATH'], FLOWMATE_EMBEDDED_PASSWORD: PASSWORD },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const line = await lineOf(child, (text) => text.includes('listening'));
  const { listening } = JSON.parse(line) as { listening: { port: number } };
  return { spawned: { child, folder, startMs: performance.now() - started }, port: listening.port };
}

function store(name: string, uri: string, { child, folder, startMs }: Spawned): Store {
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  return {
    name,
    uri,
    startMs,
    memoryBytes: () => memoryBytes(child.pid),
    stop: async () => {
      await end(child);
      process.off('exit', kill);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function restarted(
  { child, folder }: Spawned,
  start: (folder: string) => Promise<EmbeddedStore>,
): Promise<EmbeddedStore> {
  await end(child);
  return start(folder);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || !child.kill('SIGTERM')) return;
  await once(child, 'exit');
}

/** The first line that says what is waited for; the rest is read and forgotten, or the process would stop at it. */
function lineOf(child: ChildProcess, says: (line: string) => boolean): Promise<string> {
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`A store ended with ${code} before it listened.`)));
    if (child.stdout) createInterface(child.stdout).on('line', (line) => says(line) && resolve(line));
  });
}

const newFolder = (): string => mkdtempSync(join(tmpdir(), 'flowmate-bench-'));
