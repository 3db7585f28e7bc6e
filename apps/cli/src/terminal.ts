/** Where a command says what it found: results for people and programs on one side, everything else on the other. */
export interface Terminal {
  result(text: string): void;
  note(text: string): void;
}

export const PROCESS_TERMINAL: Terminal = {
  result: (text) => void process.stdout.write(`${text}\n`),
  note: (text) => void process.stderr.write(`${text}\n`),
};
