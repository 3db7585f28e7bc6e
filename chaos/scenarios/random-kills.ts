import { setTimeout as delay } from 'node:timers/promises';
import { check } from '../checker/checker.js';
import { between, oneOf } from '../faults/random.js';
import { namesOf, type System } from '../system/system.js';
import { Feeder, target, threeSteps, withMarker } from './load.js';
import { ends, resumesOf, seconds, takeovers, type Killed } from './resumes.js';
import { bound, inSystem, type Context, type Outcome, type Scenario } from './scenario.js';

const WORKERS = 2;
/** Of each worker; there is always one more run than places. */
const CONCURRENCY = 10;
const OPEN = 25;
/** As long as a step takes: short enough for many, long enough for a kill to hit each part of it. */
const LATENCY_MS = 80;
/** Of the takeovers that took longest. */
const SHOWN = 3;
/** Between two kills. In production's timings a worker is replaced more slowly than that, which is the point. */
const PAUSES_MS = { T: [2_500, 4_500], P: [3_000, 8_000] } as const;

async function kill(context: Context, system: System): Promise<Outcome> {
  const { profile, random, kills, tell, isTimed } = context;
  const begin = () => system.worker({ variables: { WORKER_CONCURRENCY: `${CONCURRENCY}` } });
  await Promise.all(Array.from({ length: WORKERS }, begin));
  const script = (index: number) => ({ plan: index % 2 === 0 ? threeSteps() : withMarker(), latencyMs: LATENCY_MS });
  const feeder = new Feeder(system, await target(system), OPEN, script);
  const killed: Killed[] = [];
  const replacing: Array<Promise<unknown>> = [];
  while (killed.length < kills) {
    await delay(between(random, PAUSES_MS[profile.name]));
    const worker = oneOf(random, system.workers);
    // Time from a kill to the next worker means something only where there is a next worker.
    if (!worker || system.workers.length < WORKERS) continue;
    await worker.end('SIGKILL');
    killed.push({ names: namesOf(worker), at: Date.now() });
    replacing.push(begin());
    if (killed.length % 10 === 0) tell(`${killed.length} kills, ${feeder.accepted.length} runs accepted`);
  }
  await Promise.all(replacing);
  await feeder.stop();
  const { runs, violations, settledMs, effects, lost, doubled } = await check(system, feeder.ids);
  const all = resumesOf(runs, killed);
  const { figures: taken, longestMs } = takeovers(all);
  const figures = [
    `${killed.length} kills, ${feeder.ids.length} runs accepted, ${lost} lost, ${effects} effects, ${doubled} doubled`,
    taken,
    `settled ${seconds(settledMs)} after the last kill; ${ends(runs)}`,
  ];
  const isInTime = all.length > 0 && (longestMs <= profile.resumeMs || !isTimed);
  const late = bound(
    isInTime,
    `a run was taken over ${seconds(longestMs)} after a kill, at most ${seconds(profile.resumeMs)}`,
  );
  const slowest = all.toSorted((one, other) => other.ms - one.ms).slice(0, SHOWN);
  const details = slowest.map(
    ({ ms, sinceLastMs, runId, crashes }) =>
      `taken over after ${seconds(ms)}, ${seconds(sinceLastMs)} after the last kill: ${runId}, crash ${crashes}`,
  );
  return { figures: figures.join('; '), details, violations: [...violations, ...late] };
}

export const randomKills: Scenario = {
  id: 'F01',
  title: 'SIGKILL of a random worker, again and again',
  run: (context) => inSystem(context, (system) => kill(context, system)),
};
