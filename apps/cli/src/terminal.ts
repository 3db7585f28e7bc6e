/** Where a command says what it found: results for people and programs on one side, everything else on the other. */
export interface Terminal {
  /** Whether a person reads the results, and not a program or a file. */
  readonly isInteractive: boolean;
  result(text: string): void;
  note(text: string): void;
}

export const PROCESS_TERMINAL: Terminal = {
  isInteractive: process.stdout.isTTY === true,
  result: (text) => void process.stdout.write(`${text}\n`),
  note: (text) => void process.stderr.write(`${text}\n`),
};
