import { setTimeout as delay } from 'node:timers/promises';
import { isAlive } from './process-identity.mjs';

/** Orphans see their channel close and stop by themselves; this long they may take before SIGKILL. */
const PATIENCE_MS = 3_000;
const LOOK_EVERY_MS = 25;

/**
 * Ends what a launcher that was killed has left running: it would hold the ports and the data.
 * @param {import('./lock.mjs').Claim[]} abandoned
 * @param {{ patienceMs?: number }} [limits]
 * @returns {Promise<string[]>} the names of those that were still there
 */
export async function endOrphans(abandoned, { patienceMs = PATIENCE_MS } = {}) {
  const orphans = abandoned.flatMap((claim) => claim.processes ?? []).filter(isAlive);
  for (const { pid } of orphans) signalGroup(pid, 'SIGTERM');
  const deadline = performance.now() + patienceMs;
  while (orphans.some(isAlive) && performance.now() < deadline) await delay(LOOK_EVERY_MS);
  for (const orphan of orphans) if (isAlive(orphan)) signalGroup(orphan.pid, 'SIGKILL');
  while (orphans.some(isAlive)) await delay(LOOK_EVERY_MS);
  return orphans.map((orphan) => orphan.name);
}

/**
 * Every child leads a process group of its own, so a signal to the group reaches what it started too.
 * @param {number} pid
 * @param {NodeJS.Signals} signal
 */
export function signalGroup(pid, signal) {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ESRCH') throw error; // gone already is what we want
  }
}
