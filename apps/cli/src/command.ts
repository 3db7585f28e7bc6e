import type { Terminal } from './terminal.js';

/** One command of `flowmate`: a file in `commands/` and a line in its list. */
export interface Command {
  readonly name: string;
  /** One line for the list of all commands. */
  readonly summary: string;
  /** How it is called, for `--help`. */
  readonly usage: string;
  /** Answers the exit code. */
  run(args: readonly string[], terminal: Terminal): Promise<number>;
}

export const EXIT_OK = 0;
export const EXIT_FAILED = 1;

/** It was not called as it says it can be; the usage is shown. */
export class UsageError extends Error {}
