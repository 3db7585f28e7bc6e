import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';

const REGISTER = join(import.meta.dirname, '..', '..', 'libs', 'testing', 'register-typescript.mjs');
/** A start takes two seconds; on a machine that does something else too, ten. */
const START_LIMIT_MS = 60_000;
/** Longer than any process of ours may take to stop. */
const STOP_LIMIT_MS = 60_000;

/** A line that a process wrote: ours are JSON. */
export type Line = Readonly<Record<string, unknown>>;

export interface ChildOptions {
  readonly name: string;
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Where its output is kept. */
  readonly log: string;
  /** Whether this line says that it is up; without it nobody waits. */
  readonly isReady?: (line: Line) => boolean;
}

/** The command of a TypeScript file of ours. */
export const typeScript = (file: string, ...args: readonly string[]): string[] => [
  process.execPath,
  '--disable-warning=ExperimentalWarning',
  '--enable-source-maps',
  '--expose-gc',
  '--import',
  REGISTER,
  file,
  ...args,
];

/** What a process holds while it has nothing to do. */
export interface Rest {
  readonly heapBytes: number;
  readonly timers: number;
  readonly files: number;
}

/** In the words of the kernel. */
const RESET_PEAK = '5';

const REST_LIMIT_MS = 10_000;

const restIn = ({ chaosRest }: Line): (Rest & { readonly count: number }) | undefined =>
  chaosRest as (Rest & { readonly count: number }) | undefined;

const running = new Set<Child>();

/** Whatever happens to the harness, nothing of it stays. */
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

const parsed = (line: string): Line => {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? { ...value } : { text: line };
  } catch {
    return { text: line };
  }
};

/** A real process in a group of its own, ended by its id and never by a name. */
export class Child {
  readonly lines: Line[] = [];
  private readonly process: ChildProcess;
  private readonly gone: Promise<void>;

  private constructor(private readonly options: ChildOptions) {
    const [file = '', ...args] = options.command;
    this.process = spawn(file, args, {
      detached: true,
      env: { PATH: process.env['PATH'], ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.gone = once(this.process, 'exit').then(() => void running.delete(this));
    running.add(this);
    for (const stream of [this.process.stdout, this.process.stderr])
      if (stream) createInterface(stream).on('line', (line) => this.heard(line));
  }

  /** Resolves when it is up. */
  static async start(options: ChildOptions): Promise<Child> {
    const child = new Child(options);
    if (options.isReady) await child.line(options.isReady, START_LIMIT_MS);
    return child;
  }

  get name(): string {
    return this.options.name;
  }

  get pid(): number {
    return this.process.pid ?? 0;
  }

  get isRunning(): boolean {
    return this.process.exitCode === null && this.process.signalCode === null;
  }

  /** Null while it runs, and for one that was killed. */
  get exitCode(): number | null {
    return this.process.exitCode;
  }

  /** The whole group: what it started goes with it. */
  kill(signal: NodeJS.Signals): void {
    if (!this.isRunning || this.pid === 0) return;
    try {
      process.kill(-this.pid, signal);
    } catch {
      // It has just gone by itself.
    }
  }

  /** Kills it, and resolves when it is gone. */
  async end(signal: NodeJS.Signals = 'SIGKILL'): Promise<number | null> {
    this.kill(signal);
    await this.whenGone();
    return this.exitCode;
  }

  async whenGone(limitMs = STOP_LIMIT_MS): Promise<void> {
    const late = delay(limitMs, 'late', { ref: false });
    if ((await Promise.race([this.gone, late])) === 'late') throw new Error(`${this.name} did not end in time.`);
  }

  /** The first line that is looked for, from the beginning of its log. */
  async line(isWanted: (line: Line) => boolean, limitMs: number): Promise<Line> {
    const deadline = performance.now() + limitMs;
    for (;;) {
      const found = this.lines.find((line) => isWanted(line));
      if (found) return found;
      if (!this.isRunning) throw new Error(`${this.name} ended before it said what was waited for: ${this.tail()}`);
      if (performance.now() > deadline) throw new Error(`${this.name} did not say it in time: ${this.tail()}`);
      await delay(LOOK_MS);
    }
  }

  /** Open files and sockets. */
  get descriptors(): number {
    const folder = `/proc/${this.pid}/fd`;
    return existsSync(folder) ? readdirSync(folder).length : Number.NaN;
  }

  get memoryBytes(): number {
    const file = `/proc/${this.pid}/status`;
    const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(existsSync(file) ? readFileSync(file, 'utf8') : '') ?? [];
    return Number(kilobytes) * 1_024;
  }

  /** The most that it had since the last look at this, what it would have given back included. */
  peakBytes(): number {
    const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${this.pid}/status`, 'utf8')) ?? [];
    writeFileSync(`/proc/${this.pid}/clear_refs`, RESET_PEAK);
    return Number(kilobytes) * 1_024;
  }

  /** Of an api or a worker. */
  async rest(): Promise<Rest> {
    const before = Math.max(0, ...this.lines.map((line) => restIn(line)?.count ?? 0));
    process.kill(this.pid, 'SIGUSR2');
    const line = await this.line((one) => (restIn(one)?.count ?? 0) > before, REST_LIMIT_MS);
    return restIn(line) ?? { heapBytes: Number.NaN, timers: Number.NaN, files: Number.NaN };
  }

  private tail(): string {
    return JSON.stringify(this.lines.slice(-TAIL));
  }

  private heard(line: string): void {
    this.lines.push(parsed(line));
    appendFileSync(this.options.log, `${line}\n`);
  }
}

const LOOK_MS = 10;
const TAIL = 20;
