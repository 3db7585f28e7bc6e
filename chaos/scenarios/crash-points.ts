import { randomUUID } from 'node:crypto';
import { check } from '../checker/checker.js';
import type { Violation } from '../checker/invariants.js';
import type { Child } from '../system/child.js';
import { Client } from '../system/client.js';
import type { System } from '../system/system.js';
import { inputOf, startMany, target, threeSteps, withMarker, type Target } from './load.js';
import { ends } from './resumes.js';
import { inSystem, type Context, type Outcome, type Scenario } from './scenario.js';

type Point = readonly [place: string, name: string, nth: number];
/** The passings of one place, one for each time that all places are tried. */
type Place = readonly [place: string, name: string, nths: readonly number[]];

/**
 * Where a worker is killed: the place of the reliability table, its name in the engine, and which passing of it. An
 * answer and its intents are one append, so that P5 and P6 are one place, passed early and late. Eight runs go side by
 * side, so that the first eight passings are of their reads, the next of a write that can be repeated or found again,
 * and the last of one that half of them cannot repeat.
 */
const OF_WORKER: readonly Place[] = [
  ['P3', 'after-claim', [2, 3, 4]],
  ['P4', 'after-answer', [2, 10, 18]],
  ['P5', 'after-intent', [1, 9, 17]],
  ['P6', 'after-intent', [20, 12, 4]],
  ['P7', 'after-effect', [21, 13, 5]],
  ['P8', 'after-result', [22, 14, 6]],
  ['P9', 'after-result-commit', [19, 11, 3]],
  ['P10', 'after-end', [2, 3, 4]],
  ['P12', 'during-beat', [12, 13, 14]],
];
const OF_API: readonly Place[] = [
  ['P0', 'before-insert', [2, 3, 4]],
  ['P1', 'after-insert', [2, 3, 4]],
  ['P2', 'after-ring', [2, 3, 4]],
];

const pointAt = ([place, name, nths]: Place, round: number): Point => [place, name, nths[round % nths.length] ?? 1];

/** Half of them with a write that cannot be repeated, half with one that can be found again. */
const RUNS = 8;
const LATENCY_MS = 30;
/** For the point that is passed by time, so that runs are under way then. */
const SLOW_MS = 1_500;
/** A point that a process does not pass with so many runs is not where we think. */
const REACHED_WITHIN_MS = 15_000;

interface Tried {
  readonly place: string;
  readonly name: string;
  readonly ids: readonly string[];
  readonly isReached: boolean;
  /** I5. */
  readonly violations?: readonly Violation[];
}

/** Until the death of a process is known. */
const JUST_DIED_MS = 2_000;

const isGone = (child: Child, limitMs: number): Promise<boolean> =>
  child.whenGone(limitMs).then(
    () => true,
    () => false,
  );

const script = (index: number) => ({ plan: index % 2 === 0 ? threeSteps() : withMarker(), latencyMs: LATENCY_MS });

/** Nobody else is there, so that the one that is armed gets there; what it leaves behind is for those after it. */
async function killWorker(system: System, at: Target, [place, name, nth]: Point): Promise<Tried> {
  const armed = await system.worker({ variables: { CRASH_POINT: `${name}:${nth}` } });
  const latencyMs = name === 'during-beat' ? SLOW_MS : LATENCY_MS;
  const runs = await startMany(system, at, RUNS, (index) => ({ ...script(index), latencyMs }));
  const ids = runs.map(({ id }) => id);
  const isReached = await isGone(armed, REACHED_WITHIN_MS);
  if (!isReached) await armed.end('SIGTERM');
  return { place, name, ids, isReached };
}

/** The client asks again with the same key, at the other api. */
async function killApi(system: System, at: Target, [place, name, nth]: Point): Promise<Tried> {
  const [armed, other] = await Promise.all([
    system.api({ variables: { CHAOS_API_POINT: `${name}:${nth}` } }),
    system.api(),
  ]);
  const client = new Client(() => [armed, other], at.tenant);
  const keys = Array.from({ length: RUNS }, () => randomUUID());
  const started = await Promise.all(
    keys.map((key, index) => client.start(at.agentId, inputOf({ ...script(index) }), key)),
  );
  const isReached = await isGone(armed, JUST_DIED_MS);
  await Promise.all([armed.end('SIGKILL'), other.end('SIGTERM')]);
  const ids = started.map(({ id }) => id);
  const twice = [...client.byKey].filter(([, answered]) => answered.size > 1);
  const violations = twice.map(([key]): Violation => ({ rule: 'I5', what: `${key}: answered with several runs` }));
  return { place, name, ids, isReached, violations };
}

const run = (context: Context): Promise<Outcome> =>
  inSystem(context, async (system) => {
    const at = await target(system);
    const tried: Tried[] = [];
    for (let round = 0; round < context.times; round += 1) {
      for (const place of OF_API) tried.push(await killApi(system, at, pointAt(place, round)));
      for (const place of OF_WORKER) {
        tried.push(await killWorker(system, at, pointAt(place, round)));
        context.tell(`${place[0]} ${place[1]}`);
      }
    }
    await system.worker();
    const ids = tried.flatMap((one) => one.ids);
    const { runs, violations, settledMs } = await check(system, ids);
    const missed = tried
      .filter(({ isReached }) => !isReached)
      .map(({ place, name }): Violation => ({ rule: 'harness', what: `${place} ${name}: nobody got there` }));
    const details = tried.map(({ place, name, ids: own, isReached }) => {
      const ours = runs.filter(({ id }) => own.includes(id));
      const bad = violations.filter(({ what }) => own.some((id) => what.startsWith(id))).length;
      const word = bad > 0 ? 'BROKEN' : isReached ? 'held' : 'NOT REACHED';
      return `${place.padEnd(4)} ${name.padEnd(20)} ${word.padEnd(12)} ${ends(ours)}`;
    });
    return {
      figures: `${tried.length} points, ${ids.length} runs, settled ${(settledMs / 1_000).toFixed(1)} s after the last`,
      details,
      violations: [...violations, ...missed, ...tried.flatMap((one) => one.violations ?? [])],
    };
  });

export const crashPoints: Scenario = { id: 'F02', title: 'a crash at each point', run };
