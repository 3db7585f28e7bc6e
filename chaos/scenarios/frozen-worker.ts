import { setTimeout as delay } from 'node:timers/promises';
import { check } from '../checker/checker.js';
import type { System } from '../system/system.js';
import { inputOf, call, startMany, target, threeSteps, withMarker } from './load.js';
import { ends } from './resumes.js';
import { bound, inSystem, type Context, type Outcome, type Scenario } from './scenario.js';

const RUNS = 30;
/** Longer than the freeze: each run is somewhere in the middle of a call when its worker stops. */
const LATENCY_MS = 300;
const UNTIL_BUSY_MS = 1_500;
/** Experiment X3, and the same in the timings of T. */
const FROZEN_MS = { T: 8_000, P: 22_000 } as const;
const AFTER_MS = 2_000;
/** The ledger acts at once and answers so much later: many calls have no answer yet when their worker stops. */
const SLOW_MS = 400;

const script = (index: number) => ({ plan: index % 2 === 0 ? threeSteps() : withMarker(), latencyMs: LATENCY_MS });

async function freeze(context: Context, system: System): Promise<Outcome> {
  const first = await system.worker();
  const at = await target(system);
  await system.setLedger({ path: '/', mode: 'slow', ms: SLOW_MS });
  const accepted = await startMany(system, at, RUNS, script);
  await delay(UNTIL_BUSY_MS);
  first.kill('SIGSTOP');
  await system.worker();
  await delay(FROZEN_MS[context.profile.name]);
  const before = (await system.effects()).length;
  first.kill('SIGCONT');
  await delay(AFTER_MS);
  const isTold = first.lines.some(({ msg }) => String(msg).startsWith('lease_lost'));
  const { runs, violations, effects, doubled } = await check(
    system,
    accepted.map(({ id }) => id),
  );
  const late = effects - before;
  return {
    figures: `frozen ${FROZEN_MS[context.profile.name] / 1_000} s; ${effects} effects, ${late} after it woke, ${doubled} doubled; ${ends(runs)}`,
    violations: [...violations, ...bound(isTold, 'it did not say lease_lost when it woke')],
  };
}

export const frozenWorker: Scenario = {
  id: 'F05',
  title: 'SIGSTOP of a worker for longer than its lease, then SIGCONT',
  run: (context) => inSystem(context, (system) => freeze(context, system)),
};

/** How long the loop stands still; longer than the lease in both profiles. */
const BLOCK_MS = 15_000;

async function block(_context: Context, system: System): Promise<Outcome> {
  const first = await system.worker();
  const at = await target(system, ['chaos.block']);
  const accepted = await startMany(system, at, RUNS, script);
  await delay(UNTIL_BUSY_MS);
  const input = inputOf({ plan: [[call('chaos.block', { ms: BLOCK_MS })], [call('ledger.keyed')]] });
  const blocking = await system.world.start({ ...at, input });
  await delay(UNTIL_BUSY_MS);
  await system.worker();
  await delay(BLOCK_MS);
  const isTold = first.lines.some(({ msg }) => String(msg).startsWith('lease_lost'));
  const ids = [...accepted, blocking].map(({ id }) => id);
  const { runs, violations, effects, doubled } = await check(system, ids, { settleMs: 6 * BLOCK_MS });
  return {
    figures: `blocked ${BLOCK_MS / 1_000} s; ${effects} effects, ${doubled} doubled; lease_lost ${isTold ? 'told' : 'not told'}; ${ends(runs)}`,
    violations: [
      ...violations,
      ...bound(
        runs.every(({ id, head }) => id === blocking.id || head.code !== 'run_crash_loop'),
        'neighbours were given up',
      ),
    ],
  };
}

export const blockedLoop: Scenario = {
  id: 'F04',
  title: 'a tool that blocks the event loop',
  run: (context) => inSystem(context, (system) => block(context, system)),
};
