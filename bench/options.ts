import { parseArgs } from 'node:util';

export interface BenchOptions {
  /** How long each round loads each server. */
  readonly seconds: number;
  readonly rounds: number;
  /** Of a kilobyte each, in the collection that the searches of the stores look through. */
  readonly documents: number;
  /** Which Redis the runs ring in. */
  readonly redis: 'embedded' | 'server';
  /** Whether to write down where api and worker spend their time. */
  readonly isProfiled: boolean;
}

export interface Asked {
  readonly suite: string;
  readonly options: BenchOptions;
}

/** With four servers and the starts, about two and a half minutes; a million documents make a gigabyte. */
const DEFAULTS = { seconds: '5', rounds: '5', documents: '1000000' };

export const USAGE =
  'npm run bench -- auth|http|many-runs|runs|sign-in|start|stores [--seconds 5] [--rounds 5] [--documents 1000000] [--redis embedded|server] [--profile]';

/** Nothing when the command line is not understood. */
export function readOptions(args: string[], suites: readonly string[]): Asked | undefined {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        seconds: { type: 'string', default: DEFAULTS.seconds },
        rounds: { type: 'string', default: DEFAULTS.rounds },
        documents: { type: 'string', default: DEFAULTS.documents },
        redis: { type: 'string', default: 'embedded' },
        profile: { type: 'boolean', default: false },
      },
    });
    const counts = {
      seconds: Number(values.seconds),
      rounds: Number(values.rounds),
      documents: Number(values.documents),
    };
    const redis = values.redis === 'server' ? 'server' : 'embedded';
    const options = { ...counts, redis, isProfiled: values.profile } as const;
    const isWhole = Object.values(counts).every((value) => Number.isInteger(value) && value > 0);
    const [suite = ''] = positionals;
    return isWhole && positionals.length === 1 && suites.includes(suite) ? { suite, options } : undefined;
  } catch {
    return undefined; // parseArgs throws for what it does not know
  }
}
