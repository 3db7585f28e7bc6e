import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Run } from '@flowmate/domain';
import { check } from '../checker/checker.js';
import { between } from '../faults/random.js';
import type { Child } from '../system/child.js';
import { Client, type Answered } from '../system/client.js';
import type { System } from '../system/system.js';
import { Feeder, inputOf, target, threeSteps, type Target } from './load.js';
import { ends, percentile, seconds } from './resumes.js';
import { bound, inSystem, type Context, type Outcome, type Scenario } from './scenario.js';

/** More than both workers have places for, so that bells wait in Redis. */
const OPEN = 60;
const CONCURRENCY = { WORKER_CONCURRENCY: '20' } as const;
/** For outages, after which everything that waits is to begin at once. */
const ROOMY = { WORKER_CONCURRENCY: '200' } as const;
const LATENCY_MS = 80;
const FLUSHES = 5;
/** B4. */
const RUNG_AGAIN_MS = 15_000;
const script = () => ({ plan: threeSteps(), latencyMs: LATENCY_MS });

/** How long what was accepted before a moment, and not begun by then, had to wait from there on. */
function waitsAfter(runs: readonly Run[], moments: readonly number[]): number[] {
  return runs.flatMap(({ createdAt, journal }) => {
    const begun = journal.find(({ type }) => type === 'run.started')?.at;
    if (begun === undefined) return [];
    return moments.filter((at) => createdAt <= at && begun > at).map((at) => begun - at);
  });
}

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

/** One request after the other, as many at once as a balancer would send. */
const CALLERS = 4;

/** Starts runs over HTTP until it is told to stop. */
class Callers {
  readonly ids: string[] = [];
  readonly client: Client;
  private isStopped = false;
  private readonly loops: ReadonlyArray<Promise<void>>;

  constructor(
    private readonly apis: readonly Child[],
    private readonly at: Target,
    private readonly pauseMs = 250,
  ) {
    this.client = new Client(() => this.apis.filter(({ isRunning }) => isRunning), at.tenant);
    this.loops = Array.from({ length: CALLERS }, () => this.call());
  }

  /** Answers since then. */
  mark(): () => Answered[] {
    const from = this.client.answers.length;
    return () => this.client.answers.slice(from);
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    await Promise.all(this.loops);
  }

  private async call(): Promise<void> {
    while (!this.isStopped) {
      const id = await this.client.once({ agentId: this.at.agentId, input: inputOf(script()), key: randomUUID() });
      if (id !== undefined) this.ids.push(id);
      await delay(this.pauseMs);
    }
  }
}

const statuses = (answers: readonly Answered[]): string => {
  const counts = new Map<string, number>();
  for (const { status, code } of answers)
    counts.set(`${status}${code ? ` ${code}` : ''}`, (counts.get(`${status}${code ? ` ${code}` : ''}`) ?? 0) + 1);
  return [...counts].map(([word, count]) => `${count} × ${word}`).join(', ');
};

interface Outage {
  readonly begin: () => Promise<unknown> | void;
  readonly end: () => Promise<unknown> | void;
  readonly ms: number;
}

interface Lived {
  readonly answers: readonly Answered[];
  readonly begunAfterMs: number;
  readonly checked: Awaited<ReturnType<typeof check>>;
}

/** Load over HTTP before, during and after an outage; then everything that must be so. */
async function live(system: System, callers: Callers, { begin, end, ms }: Outage): Promise<Lived> {
  await delay(1_500);
  await begin();
  const during = callers.mark();
  await delay(ms);
  const answers = during();
  await end();
  const back = Date.now();
  await delay(2_000);
  await callers.stop();
  const checked = await check(system, callers.ids);
  return { answers, begunAfterMs: percentile(waitsAfter(checked.runs, [back]), 1), checked };
}

async function both(system: System, links: Parameters<System['worker']>[0] = {}): Promise<{ callers: Callers }> {
  const [, , ...apis] = await Promise.all([
    system.worker({ ...links, variables: ROOMY }),
    system.worker({ ...links, variables: ROOMY }),
    system.api(links),
    system.api(links),
  ]);
  return { callers: new Callers(apis, await target(system)) };
}

const p = (answers: readonly Answered[], share: number): number =>
  percentile(
    answers.map(({ ms }) => ms),
    share,
  );

const allAccepted = (answers: readonly Answered[]) =>
  bound(
    answers.every(({ status }) => status === 202),
    `not all were accepted: ${statuses(answers)}`,
  );

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

/** Half a minute in the table; the shape of it is there after eight seconds. */
const FULL_MS = 8_000;
const BACKLOG = '60';

async function full(context: Context, system: System): Promise<Outcome> {
  const { redis } = context.stores;
  const variables = { BACKLOG_MAX: BACKLOG };
  const [, , ...apis] = await Promise.all([
    system.worker({ variables: ROOMY }),
    system.worker({ variables: ROOMY }),
    system.api({ variables }),
    system.api({ variables }),
  ]);
  const callers = new Callers(apis, await target(system));
  const lived = await live(system, callers, {
    begin: () => redis.send('CONFIG', 'SET', 'maxmemory', '1'),
    end: () => redis.send('CONFIG', 'SET', 'maxmemory', '0'),
    ms: FULL_MS,
  });
  const { answers, begunAfterMs, checked } = lived;
  const isClosed = answers.every(({ status, code }) => status === 202 || (status === 503 && code !== undefined));
  return {
    figures: `full ${FULL_MS / 1_000} s: ${statuses(answers)}; waiting runs began ≤ ${seconds(begunAfterMs)} after; ${callers.ids.length} runs, lost ${checked.lost}; ${ends(checked.runs)}`,
    violations: [
      ...checked.violations,
      ...bound(isClosed, `other answers than 202 and 503: ${statuses(answers)}`),
      ...bound(!(begunAfterMs > RUNG_AGAIN_MS), `a run began ${seconds(begunAfterMs)} after there was room`),
    ],
  };
}

export const redisFull: Scenario = {
  id: 'F12',
  title: 'Redis has no memory left',
  run: (context) => inSystem(context, (system) => full(context, system)),
};

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

const SLOW = { kind: 'latency', ms: 100, jitterMs: 50 } as const;
/** A minute in the table. */
const SLOW_MS = 15_000;
const LEAST_SHARE = 0.5;

async function slowRedis({ profile }: Context, system: System): Promise<Outcome> {
  const redis = await system.proxy('redis');
  const workers = await Promise.all([
    system.worker({ links: { redis }, variables: CONCURRENCY }),
    system.worker({ links: { redis }, variables: CONCURRENCY }),
  ]);
  const feeder = new Feeder(system, await target(system), OPEN, script);
  await delay(SLOW_MS);
  const before = Date.now();
  redis.set(SLOW);
  await delay(SLOW_MS);
  redis.set({ kind: 'none' });
  const after = Date.now();
  await feeder.stop();
  const { runs, violations } = await check(system, feeder.ids);
  const endedIn = (from: number, to: number): number =>
    runs.filter(({ head }) => (head.endedAt ?? 0) >= from && (head.endedAt ?? 0) < to).length;
  // The first seconds are the start of everything.
  const share = endedIn(before, after) / endedIn(before - SLOW_MS, before);
  const locks = workers.flatMap(({ lines }) =>
    lines.filter(({ msg }) => msg === 'a job was lost by its worker'),
  ).length;
  return {
    figures: `${SLOW_MS / 1_000} s of ${SLOW.ms} ± ${SLOW.jitterMs} ms: throughput ${(share * 100).toFixed(0)} %, ${locks} locks lost; ${ends(runs)}`,
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
