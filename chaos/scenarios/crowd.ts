import { setTimeout as delay } from 'node:timers/promises';
import { TIER_LIMITS } from '@flowmate/domain';
import { check } from '../checker/checker.js';
import { Client } from '../system/client.js';
import type { System } from '../system/system.js';
import { inputOf } from './load.js';
import { ends, percentile, seconds } from './resumes.js';
import { bound, inSystem, type Outcome, type Scenario } from './scenario.js';

const CROWD = 5_000;
/** An answer takes that long; its words come often enough for nobody to lose patience. */
const CROWD_MS = 30_000;
const PLACES = '100';
const GUESTS = 60;
const GUEST_EVERY_MS = 500;
const GUEST_WAIT_MS = 2_000;
const AT_ONCE = 100;
/** Until the crowd has taken every place that it gets. */
const UNTIL_FULL_MS = 3_000;
/** For thousands that are cancelled with their agent. */
const CANCELLED_MS = 90_000;

async function crowded(system: System): Promise<Outcome> {
  const variables = { WORKER_CONCURRENCY: PLACES };
  const [, , api] = await Promise.all([system.worker({ variables }), system.worker({ variables }), system.api()]);
  const { world } = system;
  const [host, guest] = [await world.tenant('team'), await world.tenant('team')];
  const [big, small] = [await world.agent(host, []), await world.agent(guest, [])];
  const room = TIER_LIMITS.team.runsAtOnce ?? CROWD;
  const ids: string[] = [];
  for (let from = 0; from < CROWD; from += AT_ONCE) {
    // What a workspace has more than it may have at once is stored and not rung, as the api does it.
    const some = Array.from({ length: AT_ONCE }, (_, index) => {
      const wanted = { tenant: host, agentId: big, input: inputOf({ plan: [], streamMs: CROWD_MS }) };
      return world.start(wanted, from + index < room ? 1 : 0);
    });
    ids.push(...(await Promise.all(some)).map(({ id }) => id));
  }
  await delay(UNTIL_FULL_MS);
  const visitor = new Client(() => [api], guest);
  const guests: string[] = [];
  const running: number[] = [];
  for (let index = 0; index < GUESTS; index += 1) {
    const id = await visitor.once({ agentId: small, input: inputOf({ plan: [] }) });
    if (id !== undefined) guests.push(id);
    running.push((await world.watch.places(new Date(), CROWD)).running);
    await delay(GUEST_EVERY_MS);
  }
  const told = performance.now();
  const { status } = await new Client(() => [api], host).ask(api, `/api/v1/agents/${big}`, undefined, {
    method: 'DELETE',
  });
  const { runs, violations, lost } = await check(system, [...ids, ...guests], { settleMs: CANCELLED_MS });
  const cancelledMs = performance.now() - told;
  const waits = runs
    .filter(({ id }) => guests.includes(id))
    .map(({ createdAt, head }) => (head.startedAt ?? Number.NaN) - createdAt);
  const [p50, p95, max] = [0.5, 0.95, 1].map((share) => percentile(waits, share));
  return {
    figures: `${ids.length} runs of ${CROWD_MS / 1_000} s of one workspace on ${2 * Number(PLACES)} places, ${Math.max(...running)} under way at most; ${guests.length} of another began after p50 ${seconds(p50 ?? Number.NaN)}, p95 ${seconds(p95 ?? Number.NaN)}, max ${seconds(max ?? Number.NaN)}; agent deleted (${status}), all over ${seconds(cancelledMs)} later; lost ${lost}; ${ends(runs)}`,
    violations: [
      ...violations,
      ...bound(guests.length === GUESTS, `${GUESTS - guests.length} guests were not let in`),
      ...bound((p95 ?? Number.NaN) <= GUEST_WAIT_MS, `the other began after ${seconds(p95 ?? Number.NaN)}`),
    ],
  };
}

export const crowd: Scenario = {
  id: 'F47',
  title: 'one workspace queues five thousand runs, another comes',
  run: (context) => inSystem(context, crowded),
};
