import { setTimeout as delay } from 'node:timers/promises';
import { check } from '../checker/checker.js';
import type { Toxic } from '../faults/fault-proxy.js';
import { Client, urlOfApi } from '../system/client.js';
import type { System } from '../system/system.js';
import { Feeder, inputOf, startMany, target, threeSteps, withMarker } from './load.js';
import { ends, seconds } from './resumes.js';
import { bound, inSystem, type Context, type Outcome, type Scenario } from './scenario.js';

const OPEN = 25;
const LATENCY_MS = 80;
const script = (index: number) => ({ plan: index % 2 === 0 ? threeSteps() : withMarker(), latencyMs: LATENCY_MS });

const DOWN_MS = { T: 15_000, P: 60_000 } as const;
const NORMAL_MS = 10_000;
const NOT_READY_MS = 15_000;
const BEFORE_MS = 3_000;

async function down({ profile }: Context, system: System): Promise<Outcome> {
  const store = await system.proxy('store');
  const [, , api] = await Promise.all([
    system.worker({ links: { store } }),
    system.worker({ links: { store } }),
    system.api({ links: { store } }),
  ]);
  const feeder = new Feeder(system, await target(system), OPEN, script);
  await delay(BEFORE_MS);
  await feeder.stop();
  const more = await startMany(system, await target(system), OPEN, script);
  store.set({ kind: 'down' });
  const client = new Client(() => [api], (await target(system)).tenant);
  const started = performance.now();
  let notReadyMs = Number.NaN;
  const live: number[] = [];
  while (performance.now() - started < DOWN_MS[profile.name]) {
    const ready = await client.ask(api, '/health/ready').catch(() => ({ status: 0 }));
    if (ready.status === 503 && Number.isNaN(notReadyMs)) notReadyMs = performance.now() - started;
    live.push((await client.ask(api, '/health/live').catch(() => ({ status: 0 }))).status);
    await delay(500);
  }
  store.set({ kind: 'none' });
  const ids = [...feeder.ids, ...more.map(({ id }) => id)];
  const { runs, violations, settledMs } = await check(system, ids);
  const failed = runs.filter(({ head }) => head.status === 'failed').length;
  return {
    figures: `down ${DOWN_MS[profile.name] / 1_000} s: live ${[...new Set(live)].join('/')}, ready 503 after ${seconds(notReadyMs)}; normal ${seconds(settledMs)} after; ${ends(runs)} (${urlOfApi(api) ? 'api up' : ''})`,
    violations: [
      ...violations,
      ...bound(
        live.every((status) => status === 200),
        'live was not 200 all the time',
      ),
      ...bound(notReadyMs <= NOT_READY_MS, `ready was 503 after ${seconds(notReadyMs)}`),
      ...bound(failed === 0, `${failed} runs failed for it`),
      ...bound(settledMs <= NORMAL_MS, `normal only after ${seconds(settledMs)}`),
    ],
  };
}

export const storeDown: Scenario = {
  id: 'F18',
  title: 'the store is away',
  run: (context) => inSystem(context, (system) => down(context, system)),
};

/** Of each write that a worker makes; and of each answer on the wire. */
const WRITE_RATE = 0.2;
const WIRE_RATE = 0.03;
const CUT_MS = 20_000;

async function cutWrites({ random }: Context, system: System): Promise<Outcome> {
  const variables = { CHAOS_STORE_FAULTS: `${WRITE_RATE}:${Math.floor(random() * 2 ** 31)}` };
  const workers = await Promise.all([system.worker({ variables }), system.worker({ variables })]);
  const feeder = new Feeder(system, await target(system), OPEN, script);
  await delay(CUT_MS);
  await feeder.stop();
  const { runs, violations, settledMs } = await check(system, feeder.ids);
  const faults = workers.map(({ lines }) => Math.max(0, ...lines.map(({ chaosFaults }) => Number(chaosFaults ?? 0))));
  return {
    figures: `${faults.reduce((sum, count) => sum + count, 0)} writes were done and not answered; ${runs.length} runs, settled ${seconds(settledMs)}; ${ends(runs)}`,
    violations,
  };
}

async function cutWire(context: Context, system: System): Promise<Outcome> {
  const store = await system.proxy('store');
  await Promise.all([system.worker({ links: { store } }), system.worker({ links: { store } })]);
  const feeder = new Feeder(system, await target(system), OPEN, script);
  await delay(BEFORE_MS);
  store.set({ kind: 'executeAndCut', rate: WIRE_RATE });
  await delay(CUT_MS);
  store.set({ kind: 'none' });
  await feeder.stop();
  const { runs, violations, settledMs } = await check(system, feeder.ids, { settleMs: 2 * context.profile.settleMs });
  return {
    figures: `${store.cuts} answers cut on the wire; ${runs.length} runs, settled ${seconds(settledMs)}; ${ends(runs)}`,
    violations,
  };
}

export const writesUnanswered: Scenario = {
  id: 'F19',
  title: 'a fifth of all writes is done and not answered',
  run: (context) => inSystem(context, (system) => cutWrites(context, system)),
};

export const wireCut: Scenario = {
  id: 'F19w',
  title: 'the link to the store ends instead of answering',
  run: (context) => inSystem(context, (system) => cutWire(context, system)),
};

const SLOW_MS = 500;
const CROWD = 60;

async function slowStore(_context: Context, system: System): Promise<Outcome> {
  const store = await system.proxy('store');
  const variables = { MONGODB_MAX_POOL_SIZE: '10' };
  const [, , api] = await Promise.all([
    system.worker({ links: { store } }),
    system.worker({ links: { store } }),
    system.api({ links: { store }, variables }),
  ]);
  const at = await target(system);
  const client = new Client(() => [api], at.tenant);
  const toxic: Toxic = { kind: 'latency', ms: SLOW_MS, jitterMs: 50 };
  store.set(toxic);
  const ask = (index: number): Promise<string | undefined> =>
    client.once({ agentId: at.agentId, input: inputOf(script(index)) });
  const alone = [await ask(0), await ask(1)];
  const crowd = await Promise.all(Array.from({ length: CROWD }, (_, index) => ask(index)));
  const ids = [...alone, ...crowd].flatMap((id) => (id === undefined ? [] : [id]));
  const slowest = Math.max(...client.answers.map(({ ms }) => ms));
  store.set({ kind: 'none' });
  const { runs, violations } = await check(system, ids);
  const others = client.answers.filter(({ status }) => status !== 202 && status !== 503).length;
  return {
    figures: `two callers alone and ${CROWD} at once on a pool of 10: ${ids.length} × 202, ${client.answers.length - ids.length} refused, slowest ${seconds(slowest)}; ${ends(runs)}`,
    violations: [
      ...violations,
      ...bound(!alone.includes(undefined), 'callers were refused who came alone'),
      ...bound(others === 0, `${others} answers were neither 202 nor 503`),
      ...bound(slowest <= 10_000, `the slowest answer took ${seconds(slowest)}`),
    ],
  };
}

export const storeSlow: Scenario = {
  id: 'F20',
  title: 'every operation of the store half a second later',
  run: (context) => inSystem(context, (system) => slowStore(context, system)),
};

const CUT_OFF_MS = 6_000;
/** Of a step: every run has acted once by then, and means to act again. */
const MIDWAY_MS = 600;

async function cutOff({ profile }: Context, system: System): Promise<Outcome> {
  const store = await system.proxy('store');
  await system.worker({ links: { store } });
  const accepted = await startMany(system, await target(system), OPEN, (index) => ({
    ...script(index),
    latencyMs: MIDWAY_MS,
  }));
  await delay(3.2 * MIDWAY_MS);
  store.set({ kind: 'blackhole' });
  // Six tenths of it after its last good beat a worker sends nothing; what has left by then may still arrive.
  await delay(profile.goneMs);
  const before = (await system.effects()).length;
  await delay(CUT_OFF_MS);
  const after = (await system.effects()).length;
  store.set({ kind: 'reset' });
  store.set({ kind: 'none' });
  const { runs, violations } = await check(
    system,
    accepted.map(({ id }) => id),
  );
  return {
    figures: `${after - before} new effects in ${CUT_OFF_MS / 1_000} s without the store (${before} before); ${ends(runs)}`,
    violations: [...violations, ...bound(after === before, `${after - before} effects without the store`)],
  };
}

export const toolsOnly: Scenario = {
  id: 'F41',
  title: 'a worker that reaches the tools and not the store',
  run: (context) => inSystem(context, (system) => cutOff(context, system)),
};
