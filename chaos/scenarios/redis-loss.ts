import { setTimeout as delay } from 'node:timers/promises';
import { check } from '../checker/checker.js';
import { between } from '../faults/random.js';
import type { System } from '../system/system.js';
import { Feeder, target } from './load.js';
import { allAccepted, both, live, p, script, statuses, waitsAfter } from './outages.js';
import { ends, percentile, seconds } from './resumes.js';
import { bound, inSystem, type Context, type Outcome, type Scenario } from './scenario.js';

/** More than both workers have places for, so that bells wait in Redis. */
const OPEN = 60;
const CONCURRENCY = { WORKER_CONCURRENCY: '20' } as const;
const FLUSHES = 5;
/** B4. */
const RUNG_AGAIN_MS = 15_000;

async function flush(context: Context, system: System): Promise<Outcome> {
  await Promise.all([system.worker({ variables: CONCURRENCY }), system.worker({ variables: CONCURRENCY })]);
  const feeder = new Feeder(system, await target(system), OPEN, script);
  const flushes: number[] = [];
  while (flushes.length < FLUSHES) {
    await delay(between(context.random, [2_000, 5_000]));
    await context.stores.redis.send('FLUSHALL');
    flushes.push(Date.now());
  }
  await delay(1_000);
  await feeder.stop();
  const { runs, violations, settledMs, lost } = await check(system, feeder.ids);
  const waits = waitsAfter(runs, flushes);
  const worst = percentile(waits, 1);
  return {
    figures: `${FLUSHES} flushes, ${feeder.ids.length} runs, lost ${lost}; ${waits.length} were waiting at a flush and began after p50 ${seconds(percentile(waits, 0.5))}, max ${seconds(worst)}; settled ${seconds(settledMs)}; ${ends(runs)}`,
    violations: [...violations, ...bound(!(worst > RUNG_AGAIN_MS), `one began ${seconds(worst)} after a flush`)],
  };
}

export const flushed: Scenario = {
  id: 'F10',
  title: 'FLUSHALL in mid-load, five times',
  run: (context) => inSystem(context, (system) => flush(context, system)),
};

const DOWN_MS = 5_000;
const ACCEPT_P95_MS = 300;
const BEGIN_MS = 10_000;

function redisIsGone(id: string, title: string, cut: number): Scenario {
  return {
    id,
    title,
    run: (context) =>
      inSystem(context, async (system) => {
        const { redis } = context.stores;
        const { callers } = await both(system);
        let lost = 0;
        const { answers, begunAfterMs, checked } = await live(system, callers, {
          begin: () => redis.kill(),
          end: () => {
            lost = cut > 0 ? redis.cutLog(cut) : 0;
            return redis.start();
          },
          ms: DOWN_MS,
        });
        const p95 = p(answers, 0.95);
        return {
          figures: `down ${DOWN_MS / 1_000} s${cut > 0 ? `, ${lost} bytes of its log lost` : ''}: ${statuses(answers)}, p95 ${p95.toFixed(0)} ms; waiting runs began ≤ ${seconds(begunAfterMs)} after; ${callers.ids.length} runs, lost ${checked.lost}; ${ends(checked.runs)}`,
          violations: [
            ...checked.violations,
            ...allAccepted(answers),
            ...bound(p95 <= ACCEPT_P95_MS, `p95 of POST was ${p95.toFixed(0)} ms while Redis was down`),
            ...bound(!(begunAfterMs > BEGIN_MS), `a run began ${seconds(begunAfterMs)} after Redis was back`),
          ],
        };
      }),
  };
}

export const redisKilled = redisIsGone('F09', 'SIGKILL of Redis, five seconds down', 0);
export const redisRestored = redisIsGone('F11', 'Redis back without the end of its log', 20_000);
