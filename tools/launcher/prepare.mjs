import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { claim } from './lock.mjs';

/** @typedef {import('./install.mjs').Preparation} Preparation */

const LOOK_AGAIN_MS = 200;

/** @param {string} root */
export function homeOf(root) {
  return join(root, '.flowmate');
}

/**
 * Runs steps that write `node_modules` and `dist`. A start and a test run of one folder share both, so
 * they take turns.
 * @param {Preparation} preparation
 * @param {((preparation: Preparation) => Promise<void>)[]} steps
 */
export async function prepare(preparation, steps) {
  const { root, signal, terminal } = preparation;
  let isTold = false;
  for (;;) {
    const { lock, holder } = await claim(homeOf(root), 'prepare');
    if (lock) {
      lock.forgetAbandoned();
      try {
        for (const step of steps) await step(preparation);
        return;
      } finally {
        lock.release();
      }
    }
    if (!isTold) terminal.say(`waiting for process ${holder.pid}, which installs or builds in this folder …`);
    isTold = true;
    await delay(LOOK_AGAIN_MS, undefined, { signal });
  }
}
