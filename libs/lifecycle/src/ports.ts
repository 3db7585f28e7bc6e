/** What a started process is: something that can be stopped. */
export interface Running {
  /** Ends everything in order. Called once. */
  stop(): Promise<void>;
  /** The step of stopping that is under way, told when stopping takes too long. */
  phase?(): string | undefined;
  /** How long stopping may take, where the configuration says so. */
  readonly shutdownTimeoutMs?: number;
  /** The log as configured; takes over from the one that the process began with. */
  readonly log?: ProcessLog;
}

/** The part of a logger that the life of a process needs. `@flowmate/observability` has one. */
export interface ProcessLog {
  info(message: string, fields?: { readonly signal?: string; readonly phase?: string }): void;
  fatal(message: string, error?: unknown, fields?: { readonly phase?: string; readonly timeoutMs?: number }): void;
  /** False when lines are still waiting because their reader hangs. */
  flush(): Promise<boolean>;
}

/** The part of `process` that is used, so that tests can play it. */
export interface ProcessPort {
  readonly pid: number;
  /** Started with a channel to a supervisor, whose end is ours. */
  readonly isSupervised: boolean;
  isConnected(): boolean;
  on(event: ProcessEvent, listener: (reason: unknown) => void): void;
  exit(code: number): void;
  kill(pid: number, signal: 'SIGKILL'): void;
  now(): number;
}

export type ProcessEvent = 'SIGTERM' | 'SIGINT' | 'disconnect' | 'uncaughtException' | 'unhandledRejection';
