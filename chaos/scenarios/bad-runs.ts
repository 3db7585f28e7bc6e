import { setTimeout as delay } from 'node:timers/promises';
import { check, settled } from '../checker/checker.js';
import type { System } from '../system/system.js';
import { call, inputOf, startMany, target, threeSteps } from './load.js';
import { ends, percentile, seconds } from './resumes.js';
import { bound, inSystem, type Context, type Outcome, type Scenario } from './scenario.js';
import { Supervised } from './supervised.js';

const NEIGHBOURS = 50;
/** The first one brought an answer of the model, which is progress; three more that brought nothing. */
const DEATHS = 4;
const LATENCY_MS = 150;
/** Three crashes, and the lease between each two of them. */
const PATIENCE_MS = 90_000;
const script = () => ({ plan: threeSteps(), latencyMs: LATENCY_MS });

/** One worker, started again whenever it ends, with fifty good runs and a bad one. */
async function withBadRun(system: System, tool: string): Promise<{ poison: string; ids: string[]; kept: Supervised }> {
  const begin = () => system.worker();
  const kept = new Supervised(await begin(), begin);
  const at = await target(system, [tool]);
  const input = inputOf({ plan: [[call('ledger.keyed')], [call(tool, { ms: 100 })], [call('ledger.keyed')]] });
  const good = await startMany(system, at, NEIGHBOURS, script);
  const poison = await system.world.start({ ...at, input });
  const ids = [...good, poison].map(({ id }) => id);
  await settled(system, ids, PATIENCE_MS);
  await kept.stop();
  return { poison: poison.id, ids, kept };
}

async function poisoned(_context: Context, system: System): Promise<Outcome> {
  const { poison, ids, kept } = await withBadRun(system, 'chaos.die');
  const { runs, violations, settledMs } = await check(system, ids);
  const bad = runs.find(({ id }) => id === poison);
  const quarantined = runs.filter(({ id, head }) => id !== poison && head.code === 'run_crash_loop').length;
  return {
    figures: `the poison ended ${bad?.head.status}:${bad?.head.code} after ${kept.ends.length} deaths; ${quarantined} of ${NEIGHBOURS} neighbours quarantined; settled ${seconds(settledMs)}; ${ends(runs)}`,
    violations: [
      ...violations,
      ...bound(bad?.head.code === 'run_crash_loop', 'the poison did not end run_crash_loop'),
      ...bound(kept.ends.length <= DEATHS, `${kept.ends.length} deaths`),
      ...bound(quarantined === 0, `${quarantined} neighbours were quarantined`),
    ],
  };
}

export const poisonRun: Scenario = {
  id: 'F03',
  title: 'a run that kills its worker each time',
  run: (context) => inSystem(context, (system) => poisoned(context, system)),
};

async function rejected(_context: Context, system: System): Promise<Outcome> {
  const { ids, kept } = await withBadRun(system, 'chaos.reject');
  const { runs, violations } = await check(system, ids, { mayReject: true });
  return {
    figures: `the worker ended with ${[...new Set(kept.ends)].join(', ')} (${kept.ends.length} times); ${ends(runs)}`,
    violations: [
      ...violations,
      ...bound(kept.ends.length > 0 && kept.ends.every((code) => code === 1), `it ended with ${kept.ends.join(', ')}`),
    ],
  };
}

export const unhandledRejection: Scenario = {
  id: 'F48',
  title: 'a rejection that nobody handles',
  run: (context) => inSystem(context, (system) => rejected(context, system)),
};

const EXIT_MS = 35_000;
const RESUMED_MS = 2_000;

async function terminate(_context: Context, system: System): Promise<Outcome> {
  const [first] = await Promise.all([system.worker(), system.worker()]);
  const at = await target(system);
  const accepted = await startMany(system, at, NEIGHBOURS, () => ({ plan: threeSteps(), latencyMs: 1_500 }));
  await delay(1_000);
  const started = performance.now();
  const exitCode = await first.end('SIGTERM');
  const exitMs = performance.now() - started;
  const { runs, violations } = await check(
    system,
    accepted.map(({ id }) => id),
  );
  const resumed = runs.flatMap(({ journal }) =>
    journal.flatMap((entry, index) => {
      if (entry.type !== 'run.resumed' || entry.data.cause !== 'handed_back') return [];
      return [entry.at - (journal[index - 1]?.at ?? entry.at)];
    }),
  );
  const latest = Math.max(0, ...resumed);
  return {
    figures: `exit ${exitCode} after ${seconds(exitMs)}; ${resumed.length} runs handed back, gone on with p50 ${seconds(percentile(resumed, 0.5))}, max ${seconds(latest)} later; ${ends(runs)}`,
    violations: [
      ...violations,
      ...bound(exitCode === 0 && exitMs <= EXIT_MS, `exit ${exitCode} after ${seconds(exitMs)}`),
      ...bound(
        resumed.length > 0 && latest <= RESUMED_MS,
        `${resumed.length} resumed, the last after ${seconds(latest)}`,
      ),
    ],
  };
}

export const terminated: Scenario = {
  id: 'F06',
  title: 'SIGTERM of a worker under load',
  run: (context) => inSystem(context, (system) => terminate(context, system)),
};

const BELLS = 5;

async function rungOften(_context: Context, system: System): Promise<Outcome> {
  await Promise.all([system.worker(), system.worker()]);
  const at = await target(system);
  const wanted = Array.from({ length: 20 }, () => ({ ...at, input: inputOf(script()) }));
  const accepted = await Promise.all(wanted.map((run) => system.world.start(run, BELLS)));
  const { runs, violations } = await check(
    system,
    accepted.map(({ id }) => id),
  );
  const claims = runs.map(({ journal }) => journal.filter(({ type }) => type === 'run.started').length);
  return {
    figures: `${runs.length} runs, ${BELLS} bells each, begun ${claims.reduce((sum, count) => sum + count, 0)} times; ${ends(runs)}`,
    violations: [
      ...violations,
      ...bound(
        claims.every((count) => count === 1),
        'a run was begun more than once',
      ),
    ],
  };
}

export const manyBells: Scenario = {
  id: 'F42',
  title: 'the same run rung for five times',
  run: (context) => inSystem(context, (system) => rungOften(context, system)),
};

async function fullLog(_context: Context, system: System): Promise<Outcome> {
  const mute = await system.worker({ isMute: true });
  const at = await target(system);
  const accepted = await startMany(system, at, NEIGHBOURS, script);
  const ids = accepted.map(({ id }) => id);
  const ms = await settled(system, ids, PATIENCE_MS);
  const isAlive = mute.isRunning;
  const { runs, violations } = await check(system, ids);
  return {
    figures: `every line of the log refused: the worker ${isAlive ? 'went on' : 'ended'}, ${runs.length} runs after ${seconds(ms)}; ${ends(runs)}`,
    violations: [...violations, ...bound(isAlive, 'the worker ended')],
  };
}

export const logFull: Scenario = {
  id: 'F22',
  title: 'the volume of the log is full',
  run: (context) => inSystem(context, (system) => fullLog(context, system)),
};
