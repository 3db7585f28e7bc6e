import { setTimeout as delay } from 'node:timers/promises';
import { check } from '../checker/checker.js';
import type { Child } from '../system/child.js';
import type { Namespace } from '../system/namespace.js';
import type { System } from '../system/system.js';
import { Feeder, target } from './load.js';
import { allAccepted, both, live, p, script, statuses } from './outages.js';
import { ends, seconds } from './resumes.js';
import { bound, inSystem, type Context, type Outcome, type Scenario } from './scenario.js';
import { inNamespace, needsNamespace } from './own-network.js';

/** More than both workers have places for, so that bells wait in Redis. */
const OPEN = 60;
const CONCURRENCY = { WORKER_CONCURRENCY: '20' } as const;
/** B4. */
const RUNG_AGAIN_MS = 15_000;

const SWALLOWED_MS = 20_000;
const ANSWER_P99_MS = 2_500;
const HEAL_MS = 5_000;

/** When each process said that Redis is back, after a moment. */
const backAfter = (children: readonly Child[], moment: number): number[] =>
  children.map(({ lines }) => {
    const back = lines.find(({ msg, time }) => msg === 'redis is back' && Date.parse(String(time)) >= moment);
    return back ? Date.parse(String(back['time'])) - moment : Number.NaN;
  });

async function swallow(system: System): Promise<Outcome> {
  const redis = await system.proxy('redis');
  const { callers } = await both(system, { links: { redis } });
  let ended = 0;
  const { answers, begunAfterMs, checked } = await live(system, callers, {
    begin: () => redis.set({ kind: 'blackhole' }),
    end: () => {
      ended = Date.now();
      redis.set({ kind: 'none' });
    },
    ms: SWALLOWED_MS,
  });
  const p99 = p(answers, 0.99);
  const processes = system.children.filter(({ name }) => /^(worker|api)/.test(name));
  const healed = Math.max(...backAfter(processes, ended));
  return {
    figures: `${SWALLOWED_MS / 1_000} s without an answer of Redis: ${statuses(answers)}, p99 ${p99.toFixed(0)} ms; connected again ≤ ${seconds(healed)}, waiting runs began ≤ ${seconds(begunAfterMs)} after; ${ends(checked.runs)}`,
    violations: [
      ...checked.violations,
      ...allAccepted(answers),
      ...bound(p99 <= ANSWER_P99_MS, `p99 of POST was ${p99.toFixed(0)} ms`),
      ...bound(healed <= HEAL_MS, `connected again only after ${seconds(healed)}`),
      ...bound(!(begunAfterMs > RUNG_AGAIN_MS), `a run began ${seconds(begunAfterMs)} after`),
    ],
  };
}

export const redisSwallows: Scenario = {
  id: 'F14',
  title: 'Redis swallows everything, of apis and workers',
  run: (context) => inSystem(context, swallow),
};

/** Packets vanish on the way: nothing is refused and nothing ends, and no proxy answers for Redis. */
async function dropped(system: System, space: Namespace): Promise<Outcome> {
  const { host, prefix } = space;
  const [store, redis, model, tools] = [
    await system.proxy('store', host),
    await system.proxy('redis', host),
    await system.proxy('model', host),
    await system.proxy('tools', host),
  ];
  const links = { store, redis, model, tools };
  const { callers, workers } = await both(system, {}, { links, prefix });
  let ended = 0;
  const { answers, begunAfterMs, checked } = await live(system, callers, {
    begin: () => space.drop(redis.port),
    end: () => {
      ended = Date.now();
      space.pass();
    },
    ms: SWALLOWED_MS,
  });
  const healed = Math.max(...backAfter(workers, ended));
  return {
    figures: `${SWALLOWED_MS / 1_000} s in which packets between both workers and Redis vanished: ${statuses(answers)}; connected again ≤ ${seconds(healed)}, waiting runs began ≤ ${seconds(begunAfterMs)} after; ${ends(checked.runs)}`,
    violations: [
      ...checked.violations,
      ...allAccepted(answers),
      ...bound(healed <= HEAL_MS, `connected again only after ${seconds(healed)}`),
      ...bound(!(begunAfterMs > RUNG_AGAIN_MS), `a run began ${seconds(begunAfterMs)} after`),
    ],
  };
}

export const packetsDropped: Scenario = {
  id: 'F40',
  title: 'packets vanish between workers and Redis',
  unable: needsNamespace,
  run: (context) => inSystem(context, (system) => inNamespace((space) => dropped(system, space))),
};

const SLOW = { kind: 'latency', ms: 100, jitterMs: 50 } as const;
/** A minute in the table, and in production's timings. */
const SLOW_MS = { T: 15_000, P: 60_000 } as const;
/** What it was before: the first seconds are the start of everything. */
const BEFORE_MS = 15_000;
const LEAST_SHARE = 0.5;

async function slowRedis({ profile }: Context, system: System): Promise<Outcome> {
  const redis = await system.proxy('redis');
  const workers = await Promise.all([
    system.worker({ links: { redis }, variables: CONCURRENCY }),
    system.worker({ links: { redis }, variables: CONCURRENCY }),
  ]);
  const feeder = new Feeder(system, await target(system), OPEN, script);
  await delay(2 * BEFORE_MS);
  const before = Date.now();
  redis.set(SLOW);
  await delay(SLOW_MS[profile.name]);
  redis.set({ kind: 'none' });
  const after = Date.now();
  await feeder.stop();
  const { runs, violations } = await check(system, feeder.ids);
  const perMs = (from: number, to: number): number =>
    runs.filter(({ head }) => (head.endedAt ?? 0) >= from && (head.endedAt ?? 0) < to).length / (to - from);
  const share = perMs(before, after) / perMs(before - BEFORE_MS, before);
  const locks = workers.flatMap(({ lines }) =>
    lines.filter(({ msg }) => msg === 'a job was lost by its worker'),
  ).length;
  return {
    figures: `${SLOW_MS[profile.name] / 1_000} s of ${SLOW.ms} ± ${SLOW.jitterMs} ms: throughput ${(share * 100).toFixed(0)} %, ${locks} locks lost; ${ends(runs)}`,
    violations: [
      ...violations,
      ...bound(share >= LEAST_SHARE, `throughput fell to ${(share * 100).toFixed(0)} %`),
      // Bells of T are locked for so short a time that a late extension loses some; none of them is evidence.
      ...bound(profile.lock !== undefined || locks === 0, `${locks} locks were lost`),
    ],
  };
}

export const redisSlow: Scenario = {
  id: 'F15',
  title: 'Redis a tenth of a second away',
  run: (context) => inSystem(context, (system) => slowRedis(context, system)),
};
