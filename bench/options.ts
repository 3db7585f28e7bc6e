import { parseArgs } from 'node:util';

export interface BenchOptions {
  /** How long each round loads each server. */
  readonly seconds: number;
  readonly rounds: number;
}

/** With four servers and the starts, about two and a half minutes. */
const DEFAULTS = { seconds: '5', rounds: '5' };

export const USAGE = 'npm run bench -- http [--seconds 5] [--rounds 5]';

/** Nothing when the command line is not understood. */
export function readOptions(args: string[]): BenchOptions | undefined {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        seconds: { type: 'string', default: DEFAULTS.seconds },
        rounds: { type: 'string', default: DEFAULTS.rounds },
      },
    });
    const options = { seconds: Number(values.seconds), rounds: Number(values.rounds) };
    const isWhole = Object.values(options).every((value) => Number.isInteger(value) && value > 0);
    return isWhole && positionals.join(' ') === 'http' ? options : undefined;
  } catch {
    return undefined; // parseArgs throws for what it does not know
  }
}
