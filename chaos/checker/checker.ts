import { setTimeout as delay } from 'node:timers/promises';
import type { Run } from '@flowmate/domain';
import type { System } from '../system/system.js';
import { isSettled, violationsOf, type Violation } from './invariants.js';
import { leftovers, words } from './leftovers.js';
import { heldBack, restsOf } from './rest.js';

export interface Checked {
  readonly runs: readonly Run[];
  readonly violations: readonly Violation[];
  /** Until the last run was where it stays. */
  readonly settledMs: number;
  readonly effects: number;
  /** Accepted, and neither ended nor waiting for anything. */
  readonly lost: number;
  /** What those held who were there before the faults, then and now. */
  readonly rests: string;
  /** Calls that took effect more often than they may. */
  readonly doubled: number;
}

export interface Checking {
  /** Whether a rejection was asked for. */
  readonly mayReject?: boolean;
  /** Longer than usual, because what was done takes longer to heal. */
  readonly settleMs?: number;
}

const LOOK_MS = 100;

/** Waits until everything that was accepted is where it stays, or where it is wanted. */
export async function settled(
  system: System,
  ids: readonly string[],
  limitMs: number,
  isDone: (run: Run) => boolean = isSettled,
): Promise<number> {
  const started = performance.now();
  let open = [...ids];
  while (open.length > 0 && performance.now() - started < limitMs) {
    const runs = await system.world.runs(open).catch(() => undefined);
    if (runs) {
      const done = new Set(runs.filter((run) => isDone(run)).map(({ id }) => id));
      open = open.filter((id) => !done.has(id));
    }
    if (open.length > 0) await delay(LOOK_MS);
  }
  return performance.now() - started;
}

/** Everything that must be so after a scenario, I1 to I10. Ends the processes on the way. */
export async function check(
  system: System,
  ids: readonly string[],
  { mayReject = false, settleMs = system.profile.settleMs }: Checking = {},
): Promise<Checked> {
  const settledMs = await settled(system, ids, settleMs);
  const left = await untilNone(() => leftovers(system), settleMs);
  const held = await heldBack(system);
  const rests = await restsOf(system);
  const ended = await system.stop();
  const runs = await system.world.runs(ids);
  const effects = await system.effects();
  const violations = [
    ...violationsOf(ids, runs, effects),
    ...left,
    ...held,
    ...(await words(system, mayReject)),
    ...ended
      .filter(({ exitCode }) => exitCode !== 0)
      .map(({ name, exitCode }) => ({ rule: 'I9', what: `${name} ended with ${exitCode}` })),
  ];
  const count = (wanted: string): number => violations.filter(({ rule }) => rule === wanted).length;
  return { runs, violations, settledMs, effects: effects.length, lost: count('I1'), doubled: count('I2'), rests };
}

/** What is on its way out is not left over. */
async function untilNone(look: () => Promise<Violation[]>, limitMs: number): Promise<Violation[]> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    const found = await look();
    if (found.length === 0 || performance.now() > deadline) return found;
    await delay(LOOK_MS);
  }
}
