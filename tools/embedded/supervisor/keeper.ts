import { setTimeout as delay } from 'node:timers/promises';
import { startChild, type Child, type Exit } from '../../launcher/child.mjs';
import type { KnownProcess } from '../../launcher/lock.mjs';
import { answers } from './knock.ts';
import { LIMITS, type Limits } from './limits.ts';
import { childLine, listeningPort, type Log } from './log.ts';
import { StoresError } from './stores-error.ts';
import type { Place, Variant } from './variant.ts';

export interface KeeperOptions {
  readonly variant: Variant;
  readonly place: Place;
  readonly log: Log;
  /** The process is another one. */
  readonly onProcess: () => void;
  /** Starting again cannot help any more. */
  readonly onGivenUp: (error: StoresError) => void;
  readonly limits?: Partial<Limits>;
}

/** Keeps one server running on one port: starts it again when it crashes or falls silent. */
export class Keeper {
  #options: KeeperOptions;
  #limits: Limits;
  #port: number;
  #child: Child | undefined;
  #listening: Promise<number> = Promise.resolve(0);
  #crashes: number[] = [];
  #hasBeenReady = false;
  #stopping = new AbortController();

  constructor(options: KeeperOptions) {
    this.#options = options;
    this.#limits = { ...LIMITS, ...options.limits };
    this.#port = options.place.port;
  }

  get port(): number {
    return this.#port;
  }

  get variant(): Variant {
    return this.#options.variant;
  }

  get process(): KnownProcess | undefined {
    const child = this.#child;
    if (!child?.pid || !child.identity || child.ended.aborted) return undefined;
    return { name: this.variant.name, pid: child.pid, identity: child.identity };
  }

  /** Settles when the server serves clients; rejects when its first start fails. */
  async start(): Promise<void> {
    const child = await this.#spawn();
    await this.#untilReady(child);
    this.#hasBeenReady = true;
    void this.#watch(child);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    const child = this.#child;
    if (!child) return;
    child.terminate();
    if (await endsWithin(child, this.#limits.stopMs)) return;
    this.#say('warn', `did not stop within ${this.#limits.stopMs / 1_000} s and is killed`);
    child.kill();
    await child.exit;
  }

  /** At once, when this process ends without having stopped. */
  kill(): void {
    this.#stopping.abort();
    if (this.#child && !this.#child.ended.aborted) this.#child.kill();
  }

  async #spawn(): Promise<Child> {
    const { variant, log } = this.#options;
    if (this.#port === 0 && variant.choosePort) this.#port = await variant.choosePort();
    const place = this.#place();
    const { command, env } = await variant.prepare(place);
    this.#stopping.signal.throwIfAborted();
    let announce: (port: number) => void = () => undefined;
    this.#listening = new Promise((resolve) => (announce = resolve));
    const onLine = (text: string, isError: boolean): void => {
      const port = isError ? undefined : listeningPort(text);
      if (port === undefined) log(childLine(variant.name, text, isError));
      else announce(port);
    };
    const child = startChild({
      name: variant.name,
      command,
      cwd: place.folder,
      env: { ...process.env, ...env },
      onLine,
    });
    this.#child = child;
    void child.exit.then((exit) => this.#onExit(child, exit));
    this.#options.onProcess();
    return child;
  }

  async #untilReady(child: Child): Promise<void> {
    const { variant } = this.#options;
    const late = new AbortController();
    try {
      this.#port = await Promise.race([
        variant.untilReady(this.#place(), child, this.#listening),
        child.exit.then(() => {
          throw new StoresError([`${variant.title} did not start.`, ...child.lastLines.map(readable)].join('\n    '));
        }),
        delay(this.#limits.readyMs, undefined, { signal: late.signal }).then(() => {
          child.kill();
          throw new StoresError(`${variant.title} was not ready within ${this.#limits.readyMs / 1_000} s.`);
        }),
      ]);
    } finally {
      late.abort();
    }
  }

  /** Knocks until the process has ended, and ends it when nobody answers: then it hangs. */
  async #watch(child: Child): Promise<void> {
    const { probeEveryMs, silenceMs } = this.#limits;
    for (;;) {
      await delay(probeEveryMs, undefined, { ref: false });
      if (child.ended.aborted || this.#stopping.signal.aborted) return;
      if (await answers(this.#port, this.variant.knock, silenceMs)) continue;
      if (child.ended.aborted || this.#stopping.signal.aborted) return;
      this.#say('error', `has not answered for ${silenceMs / 1_000} s and is killed`);
      child.kill();
    }
  }

  #onExit(child: Child, exit: Exit): void {
    this.#options.onProcess();
    if (this.#stopping.signal.aborted || !this.#hasBeenReady) return;
    const now = performance.now();
    this.#crashes = [...this.#crashes.filter((at) => now - at < this.#limits.crashWindowMs), now];
    const how = exit.signal ? `was ended by ${exit.signal}` : `ended with code ${exit.code}`;
    if (this.#crashes.length >= this.#limits.maxCrashes) {
      const last = child.lastLines.map(readable);
      const times = `${this.#crashes.length} times within ${this.#limits.crashWindowMs / 1_000} s`;
      const text = [`${this.variant.title} crashed ${times}; it stays down. Its last lines:`, ...last].join('\n    ');
      this.#options.onGivenUp(new StoresError(text));
      return;
    }
    this.#say('warn', `${how} and starts again`);
    void this.#restart();
  }

  async #restart(): Promise<void> {
    const doublings = this.#crashes.length - 2;
    const pause = doublings < 0 ? 0 : this.#limits.backoffMs * 2 ** doublings;
    let child: Child;
    try {
      await delay(pause, undefined, { signal: this.#stopping.signal });
      child = await this.#spawn();
    } catch (error) {
      if (this.#stopping.signal.aborted) return;
      const reason = `${this.variant.title} cannot be started again: ${String(error)}`;
      this.#options.onGivenUp(new StoresError(reason, { cause: error }));
      return;
    }
    try {
      await this.#untilReady(child);
      this.#say('info', 'is ready again');
      void this.#watch(child);
    } catch (error) {
      // Its end is counted where every end is; a wish to stop is no fault.
      if (!this.#stopping.signal.aborted) this.#say('error', error instanceof Error ? error.message : String(error));
    }
  }

  #place(): Place {
    return { ...this.#options.place, port: this.#port };
  }

  #say(level: 'info' | 'warn' | 'error', message: string): void {
    this.#options.log({ store: this.variant.name, level, message });
  }
}

function readable(line: string): string {
  return childLine('', line, false).message;
}

async function endsWithin(child: Child, ms: number): Promise<boolean> {
  const timer = new AbortController();
  const late = delay(ms, undefined, { signal: timer.signal }).catch(() => undefined); // cleared below
  await Promise.race([child.exit, late]);
  timer.abort();
  return child.ended.aborted;
}
