import { random } from './faults/random.js';
import { readOptions, USAGE, type ChaosOptions } from './options.js';
import { ALL_SCENARIOS } from './scenarios/all-scenarios.js';
import type { Context, Outcome, Scenario } from './scenarios/scenario.js';
import { PROFILES } from './system/profile.js';
import { startStores } from './system/stores.js';

// A signal alone would end this process without the event that ends what it started.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

/** More of the same rule says nothing new. */
const SHOWN = 10;

interface Result {
  readonly scenario: Scenario;
  readonly word: 'held' | 'BROKEN' | 'not run';
  readonly ms: number;
  readonly figures: string;
  readonly details: readonly string[];
}

const tell = (line: string): void => console.log(`${new Date().toISOString().slice(11, 23)} ${line}`);

async function play(scenario: Scenario, context: Context): Promise<Result> {
  const unable = scenario.unable?.(context);
  if (unable !== undefined) return { scenario, word: 'not run', ms: 0, figures: unable, details: [] };
  tell(`${scenario.id} ${scenario.title}`);
  const started = performance.now();
  const { figures, details = [], violations } = await outcomeOf(scenario, context);
  const word = violations.length === 0 ? 'held' : 'BROKEN';
  const shown = violations.slice(0, SHOWN).map(({ rule, what }) => `VIOLATION ${rule}: ${what}`);
  const more = violations.length > SHOWN ? [`and ${violations.length - SHOWN} more`] : [];
  const result = {
    scenario,
    word,
    ms: performance.now() - started,
    figures,
    details: [...details, ...shown, ...more],
  } as const;
  tell(lineOf(result));
  for (const line of result.details) console.log(`    ${line}`);
  return result;
}

async function outcomeOf(scenario: Scenario, context: Context): Promise<Outcome> {
  try {
    return await scenario.run(context);
  } catch (error) {
    const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { figures: 'it could not be played to its end', violations: [{ rule: 'harness', what }] };
  }
}

const lineOf = ({ scenario, word, ms, figures }: Result): string =>
  `${scenario.id.padEnd(4)} ${word.padEnd(7)} ${(ms / 1_000).toFixed(0).padStart(4)} s  ${scenario.title}: ${figures}`;

async function main(options: ChaosOptions): Promise<number> {
  const wanted = options.scenarios.map((id) => ALL_SCENARIOS.find((one) => one.id === id));
  if (wanted.includes(undefined)) throw new Error(`Known: ${ALL_SCENARIOS.map(({ id }) => id).join(', ')}`);
  const scenarios = options.scenarios.length === 0 ? ALL_SCENARIOS : wanted.flatMap((one) => (one ? [one] : []));
  const stores = await startStores();
  tell(`seed ${options.seed}, profile ${options.profile}, MongoDB: ${stores.mongoName}, Redis: redis-server`);
  const { kills, seconds, times, seed, isTimed } = options;
  const results: Result[] = [];
  try {
    for (const scenario of scenarios) {
      const context = {
        stores,
        kills,
        seconds,
        times,
        isTimed,
        tell,
        profile: PROFILES[options.profile],
        random: random(seed),
      };
      results.push(await play(scenario, context));
    }
  } finally {
    const isKept = results.some(({ word }) => word === 'BROKEN');
    await stores.stop(isKept);
    if (isKept) tell(`logs: ${stores.folder}`);
  }
  console.log(`\nseed ${seed}, profile ${options.profile}`);
  for (const result of results) console.log(lineOf(result));
  return results.some(({ word }) => word === 'BROKEN') ? 1 : 0;
}

const options = readOptions(process.argv.slice(2));
if (options) {
  process.exitCode = await main(options);
  process.exit();
} else {
  console.error(`usage: ${USAGE}`);
  process.exitCode = 2;
}
