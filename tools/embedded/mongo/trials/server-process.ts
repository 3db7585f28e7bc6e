import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const MAIN = join(import.meta.dirname, '..', 'main.ts');
const QUIET = '--disable-warning=ExperimentalWarning';

/** The embedded MongoDB as a process on one folder and one port, to be killed and started again. */
export class ServerProcess {
  readonly folder: string;
  readonly #env: Record<string, string | undefined>;
  readonly #password = randomBytes(16).toString('hex');
  #child: ChildProcess | undefined;
  #port = 0;

  constructor(folder: string) {
    this.folder = folder;
    this.#env = { PATH: process.env['PATH'], FLOWMATE_EMBEDDED_PASSWORD: this.#password };
  }

  get uri(): string {
    return `mongodb://flowmate:${this.#password}@127.0.0.1:${this.#port}/?authSource=admin&directConnection=true`;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** On the port of the first start; returns how long it took. */
  async start(): Promise<number> {
    const started = performance.now();
    const child = spawn(process.execPath, [QUIET, MAIN, '--data', this.folder, '--port', `${this.#port}`], {
      env: this.#env,
      stdio: ['ignore', 'pipe', 'ignore', 'ipc'],
    });
    this.#child = child;
    this.#port = await new Promise<number>((resolve, reject) => {
      child.once('exit', (code) => reject(new Error(`The server ended with ${code} before it listened.`)));
      createInterface(child.stdout!).on('line', (line) => {
        const { listening } = JSON.parse(line) as { listening?: { port: number } };
        if (listening) resolve(listening.port);
      });
    });
    return performance.now() - started;
  }

  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  }

  /** What is wrong in the files of a server that does not run. */
  async fsck(): Promise<string[]> {
    const child = spawn(process.execPath, [QUIET, MAIN, '--data', this.folder, '--fsck'], {
      env: this.#env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    const [code] = (await once(child, 'close')) as [number | null];
    return code === 0 ? [] : [output.trim() || `the check ended with ${code}`];
  }
}
