import { parseArgs } from 'node:util';

export interface ChaosOptions {
  readonly kills: number;
  readonly seed: number;
  readonly seconds: number;
  /** How often a worker or an api is killed at each of the crash points. */
  readonly times: number;
  readonly profile: 'T' | 'P';
  /** Whether takeovers have to be in time: a machine that others use as well cannot promise that. */
  readonly isTimed: boolean;
  /** Ids; all when empty. */
  readonly scenarios: readonly string[];
}

export const USAGE =
  'npm run chaos -- [--kills 30] [--seed N] [--profile T|P] [--scenario F05,F10] [--seconds 60] [--times 1] [--ci]';

/** What the pipeline runs: every crash point once, and random kills. */
const OF_CI = ['F02', 'F01'];

/** Nothing when the command line is not understood. */
export function readOptions(args: string[]): ChaosOptions | undefined {
  try {
    const { values } = parseArgs({
      args,
      options: {
        kills: { type: 'string', default: '30' },
        seed: { type: 'string', default: `${Date.now() % 1_000_000}` },
        seconds: { type: 'string', default: '60' },
        times: { type: 'string', default: '1' },
        profile: { type: 'string', default: 'T' },
        scenario: { type: 'string', default: '' },
        ci: { type: 'boolean', default: false },
      },
    });
    const [kills, seed] = [Number(values.kills), Number(values.seed)];
    const [seconds, times] = [Number(values.seconds), Number(values.times)];
    const { profile } = values;
    if (profile !== 'T' && profile !== 'P') return undefined;
    if (![kills, seed, seconds, times].every((value) => Number.isInteger(value) && value >= 0)) return undefined;
    const named = values.scenario.split(',').filter(Boolean);
    return { kills, seed, seconds, times, profile, isTimed: !values.ci, scenarios: values.ci ? OF_CI : named };
  } catch {
    return undefined; // parseArgs throws for what it does not know
  }
}
