import type { ProcessLog, ProcessPort, Running } from './ports.js';
import { exitCodeOf, explanationOf } from './start-failure.js';

export interface LifeOptions {
  /** What is started, for the log: `api`, `worker`. */
  readonly name: string;
  start(): Promise<Running>;
  readonly log: ProcessLog;
  readonly shutdownTimeoutMs: number;
  /** Which setting holds a port, so that "in use" can say what to change. */
  readonly settingOfPort?: (port: number) => string;
}

/** A supervisor and the terminal often both pass on one Ctrl-C; that is one wish. */
const SAME_WISH_MS = 1_000;
/** After an error nobody foresaw, the process is not to be trusted for longer than this. */
const CRASH_DRAIN_MS = 10_000;
/** What breaks over and over while it drains is told this often. */
const MAX_CRASHES_TOLD = 20;

/** One process from its start to its end. All ways of ending come together in `end`, which runs once. */
export class ProcessLife {
  private starting: Promise<Running> | undefined;
  private running: Running | undefined;
  private log: ProcessLog;
  private endingSince: number | undefined;
  private late: NodeJS.Timeout | undefined;
  private exiting = false;
  private exitCode = 0;
  private crashes = 0;

  constructor(
    private readonly options: LifeOptions,
    private readonly port: ProcessPort,
  ) {
    this.log = options.log;
  }

  /** Resolves when the process has started, or has failed to and is on its way out. */
  async run(): Promise<void> {
    this.listen();
    // The supervisor may have gone while our code was being loaded, before anybody listened.
    if (this.port.isSupervised && !this.port.isConnected()) {
      await this.asked('disconnect');
      return;
    }
    try {
      this.starting = this.options.start();
      this.running = await this.starting;
      this.log = this.running.log ?? this.log;
      if (this.endingSince === undefined) this.log.info(`${this.options.name} started`);
    } catch (error) {
      if (this.endingSince === undefined) await this.failToStart(error);
    }
  }

  private listen(): void {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) this.port.on(signal, () => this.surely(this.asked(signal)));
    this.port.on('uncaughtException', (error: unknown) => this.surely(this.crashed(error)));
    this.port.on('unhandledRejection', (reason: unknown) => this.surely(this.crashed(reason)));
    if (this.port.isSupervised) this.port.on('disconnect', () => this.surely(this.asked('disconnect')));
  }

  /** An ending that fails would be a rejection that nobody handles, which asks for the same ending again, for ever. */
  private surely(ending: Promise<void>): void {
    ending.catch(() => this.port.exit(1));
  }

  private async asked(signal: string): Promise<void> {
    if (this.endingSince === undefined) {
      this.log.info(`${this.options.name} stops`, { signal });
      await this.end(0, this.shutdownTimeoutMs());
    } else if (signal !== 'disconnect' && this.port.now() - this.endingSince > SAME_WISH_MS) {
      this.log.fatal(`${this.options.name} was told to stop again and ends at once`, undefined, this.phase());
      await this.exit(1);
    }
  }

  private async crashed(error: unknown): Promise<void> {
    // An error that knows its exit code was foreseen, only later than at the start: a store that turned out unfit.
    const code = exitCodeOf(error);
    this.exitCode = code;
    this.crashes += 1;
    if (this.crashes <= MAX_CRASHES_TOLD) this.tellCrash(error);
    if (this.endingSince === undefined) await this.end(code, Math.min(CRASH_DRAIN_MS, this.shutdownTimeoutMs()));
  }

  private tellCrash(error: unknown): void {
    try {
      const lines = explanationOf(error, this.options.settingOfPort ?? (() => 'PORT'));
      if (lines) for (const line of lines) this.log.fatal(line);
      else this.log.fatal(`${this.options.name} met an error that nothing handled`, error);
    } catch {
      // The log may be what is broken. That must not keep the process from ending.
    }
  }

  private async failToStart(error: unknown): Promise<void> {
    const lines = explanationOf(error, this.options.settingOfPort ?? (() => 'PORT'));
    if (lines) for (const line of lines) this.log.fatal(line);
    else this.log.fatal(`${this.options.name} could not start`, error);
    await this.exit(exitCodeOf(error));
  }

  private async end(code: number, limitMs: number): Promise<void> {
    this.endingSince = this.port.now();
    this.exitCode = code;
    this.late = setTimeout(() => void this.giveUp(limitMs), limitMs);
    // A signal may come during the start: what is half started can only be stopped once it is whole.
    const running = await this.starting?.catch((error: unknown) => this.failToStart(error));
    try {
      await running?.stop();
      if (this.exitCode === 0) this.log.info(`${this.options.name} stopped`);
    } catch (error) {
      this.log.fatal(`${this.options.name} could not stop in order`, error, this.phase());
      this.exitCode = 1;
    }
    await this.exit(this.exitCode);
  }

  private async giveUp(limitMs: number): Promise<void> {
    const message = `${this.options.name} did not stop in time`;
    this.log.fatal(message, undefined, { ...this.phase(), timeoutMs: limitMs });
    await this.exit(1);
  }

  private shutdownTimeoutMs(): number {
    return this.running?.shutdownTimeoutMs ?? this.options.shutdownTimeoutMs;
  }

  private phase(): { phase?: string } {
    const phase = this.running ? this.running.phase?.() : 'start';
    return phase === undefined ? {} : { phase };
  }

  private async exit(code: number): Promise<void> {
    if (this.exiting) return;
    this.exiting = true;
    clearTimeout(this.late);
    const written = await this.log.flush().catch(() => true);
    // `exit` waits for a write that is under way, for ever if the log's reader hangs.
    if (written) this.port.exit(code);
    else this.port.kill(this.port.pid, 'SIGKILL');
  }
}
