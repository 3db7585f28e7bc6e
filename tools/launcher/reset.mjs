import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { LaunchError } from './launch-error.mjs';
import { isLockFile } from './lock.mjs';

/**
 * Deletes the data of this folder. The caller holds the start lock, so nobody is using it.
 * @param {string} home
 * @param {object} options
 * @param {boolean} options.yes   asked and answered
 * @param {AbortSignal} options.signal
 * @param {import('./terminal.mjs').Terminal} options.terminal
 */
export async function reset(home, { yes, signal, terminal }) {
  if (!yes && !process.stdin.isTTY) {
    throw new LaunchError(
      '--reset deletes all data in .flowmate/ and there is no terminal to ask. Add --yes to mean it.',
    );
  }
  if (!yes && !(await isConfirmed(signal))) {
    terminal.say('Nothing was deleted.');
    return;
  }
  // Locks belong to processes that may be alive, this one included.
  for (const name of readdirSync(home)) if (!isLockFile(name)) rmSync(join(home, name), { recursive: true });
  terminal.say('The data in .flowmate/ is deleted. npm start begins anew.');
}

/** @param {AbortSignal} signal */
async function isConfirmed(signal) {
  const reader = createInterface({ input: process.stdin, output: process.stdout, terminal: false });
  try {
    const answer = await reader.question('Delete all data in .flowmate/? It cannot be brought back. [y/N] ', {
      signal,
    });
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    reader.close();
  }
}
