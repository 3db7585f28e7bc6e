import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { check } from '../checker/checker.js';
import { between, oneOf } from '../faults/random.js';
import { Client } from '../system/client.js';
import type { System } from '../system/system.js';
import { Feeder, inputOf, target, threeSteps, withMarker } from './load.js';
import { ends } from './resumes.js';
import { bound, inSystem, type Context, type Outcome, type Scenario } from './scenario.js';
import { Supervised } from './supervised.js';

/** Debian's; loaded into one process, it tells that process another time. */
const FAKE_CLOCK = '/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1';
const SKEWS = ['+90s', '-90s'] as const;
const SKEWED_MS = 12_000;
const OPEN = 20;
const script = (index: number) => ({ plan: index % 2 === 0 ? threeSteps() : withMarker(), latencyMs: 80 });

async function skewed(_context: Context, system: System): Promise<Outcome> {
  const wrong = SKEWS.map((FAKETIME) => system.worker({ variables: { LD_PRELOAD: FAKE_CLOCK, FAKETIME } }));
  const workers = await Promise.all([system.worker(), ...wrong]);
  const feeder = new Feeder(system, await target(system), OPEN, script);
  await delay(SKEWED_MS);
  const ready = await Promise.all(
    workers.map(async (worker) => {
      const { port } = worker.lines.find(({ msg }) => msg === 'worker ready') ?? {};
      return (await fetch(`http://127.0.0.1:${Number(port)}/health/ready`).catch(() => undefined))?.status ?? 0;
    }),
  );
  await feeder.stop();
  const lost = workers.filter(({ lines }) => lines.some(({ msg }) => String(msg).startsWith('lease_lost'))).length;
  const { runs, violations } = await check(system, feeder.ids);
  const taken = runs.flatMap(({ journal }) =>
    journal.filter((entry) => entry.type === 'run.resumed' && entry.data.cause === 'takeover'),
  );
  return {
    figures: `clocks ${SKEWS.join(' and ')} of two workers of three: ${lost} leases lost, ${taken.length} takeovers, ready ${ready.join('/')}; ${runs.length} runs; ${ends(runs)}`,
    violations: [
      ...violations,
      ...bound(
        lost === 0 && taken.length === 0,
        `${lost} leases lost, ${taken.length} takeovers with no fault but clocks`,
      ),
      ...bound(ready[1] === 503 && ready[2] === 503, `a worker with a wrong clock is ready: ${ready.join('/')}`),
    ],
  };
}

export const wrongClocks: Scenario = {
  id: 'F39',
  title: 'clocks that are ninety seconds off',
  unable: () => (existsSync(FAKE_CLOCK) ? undefined : 'libfaketime is not installed'),
  run: (context) => inSystem(context, (system) => skewed(context, system)),
};

const FAULT_EVERY_MS: readonly [number, number] = [3_000, 6_000];
const SHORT_MS = 2_000;
const FROZEN_MS = 5_000;
/** Of the api, whose process lives through it all. */
const MAX_GROWTH = 0.1;
const WARM_SHARE = 0.3;

async function endure(context: Context, system: System): Promise<Outcome> {
  const { random, stores } = context;
  const [store, redis] = [await system.proxy('store'), await system.proxy('redis')];
  const links = { store, redis };
  const begin = () => system.worker({ links });
  const [api, ...kept] = await Promise.all([
    system.api({ links }),
    ...[0, 1].map(async () => new Supervised(await begin(), begin)),
  ]);
  const at = await target(system);
  const feeder = new Feeder(system, at, OPEN, script);
  const client = new Client(() => [api], at.tenant);
  const overHttp: string[] = [];
  const faults: Readonly<Record<string, () => Promise<unknown>>> = {
    kill: () => oneOf(random, kept)!.current.end('SIGKILL'),
    freeze: async () => {
      const { current } = oneOf(random, kept)!;
      current.kill('SIGSTOP');
      await delay(FROZEN_MS);
      current.kill('SIGCONT');
    },
    flush: () => stores.redis.send('FLUSHALL'),
    redis: async () => {
      await stores.redis.kill();
      await delay(SHORT_MS);
      await stores.redis.start();
    },
    swallow: () => toxic(redis, { kind: 'blackhole' }),
    reset: () => toxic(store, { kind: 'reset' }),
    slow: () => toxic(store, { kind: 'latency', ms: 100, jitterMs: 50 }),
    cut: () => toxic(store, { kind: 'executeAndCut', rate: 0.05 }),
  };
  const counts = new Map<string, number>();
  const until = performance.now() + context.seconds * 1_000;
  let warm = Number.NaN;
  while (performance.now() < until) {
    await delay(between(random, FAULT_EVERY_MS));
    const name = oneOf(random, Object.keys(faults)) ?? 'kill';
    counts.set(name, (counts.get(name) ?? 0) + 1);
    await faults[name]?.();
    const id = await client.once({ agentId: at.agentId, input: inputOf(script(0)) });
    if (id !== undefined) overHttp.push(id);
    if (Number.isNaN(warm) && until - performance.now() < context.seconds * 1_000 * (1 - WARM_SHARE))
      warm = api.memoryBytes;
  }
  await feeder.stop();
  await Promise.all(kept.map((one) => one.stop()));
  const grown = api.memoryBytes / warm - 1;
  const { runs, violations, lost, doubled } = await check(system, [...feeder.ids, ...overHttp]);
  return {
    figures: `${context.seconds} s: ${[...counts].map(([name, count]) => `${name} ${count}`).join(', ')}; ${runs.length} runs, lost ${lost}, doubled ${doubled}; api ${(grown * 100).toFixed(0)} % larger than when it was warm; ${ends(runs)}`,
    violations: [
      ...violations,
      ...bound(context.seconds < LONG_S || grown <= MAX_GROWTH, `the api grew by ${(grown * 100).toFixed(0)} %`),
    ],
  };
}

/** What a heap does in less time says nothing. */
const LONG_S = 600;

async function toxic(
  proxy: Awaited<ReturnType<System['proxy']>>,
  what: Parameters<typeof proxy.set>[0],
): Promise<void> {
  proxy.set(what);
  await delay(SHORT_MS);
  proxy.set({ kind: 'none' });
}

export const soak: Scenario = {
  id: 'F49',
  title: 'one fault after the other',
  run: (context) => inSystem(context, (system) => endure(context, system)),
};

/** What this machine does not have; said, so that nobody takes it for done. */
export const notHere = (id: string, title: string, why: string): Scenario => ({
  id,
  title,
  unable: () => why,
  run: () => Promise.reject(new Error(why)),
});
