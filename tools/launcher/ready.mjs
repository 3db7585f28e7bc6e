import { get } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

const ASK_EVERY_MS = 50;
/** A process that is still starting may accept and not answer; then it is asked again. */
const ANSWER_WITHIN_MS = 1_000;

/**
 * @param {string} url
 * @param {AbortSignal} signal   aborted when there is no point in asking any more
 * @returns {Promise<boolean>} true at the first 200, false when aborted
 */
export async function waitUntilReady(url, signal) {
  while (!signal.aborted) {
    if ((await ask(url)) === 200) return true;
    await delay(ASK_EVERY_MS);
  }
  return false;
}

/**
 * @param {string} url
 * @returns {Promise<number | undefined>}
 */
function ask(url) {
  return new Promise((resolve) => {
    const request = get(url, { agent: false, timeout: ANSWER_WITHIN_MS }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(undefined)); // nobody listens yet
  });
}
