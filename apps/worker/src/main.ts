import { constants, getPriority, setPriority } from 'node:os';
import { setFlagsFromString } from 'node:v8';
import { runProcess } from '@flowmate/lifecycle';
import { startWorker } from './start.js';

/**
 * Runs live for seconds to minutes, so that what they leave is taken for permanent: V8 would let it become four times
 * what is in use before it looks. With half as much again a thousand runs at once take 40 % less memory.
 */
setFlagsFromString('--heap-growing-percent=50');

/**
 * Where the worker shares its processors with the api and the stores, they go first: somebody waits for an answer of
 * theirs, and what is accepted is done a moment later. Nothing changes where the worker is alone in its container.
 */
try {
  setPriority(Math.max(getPriority(), constants.priority.PRIORITY_BELOW_NORMAL));
} catch {
  // Some sandboxes refuse the call; it works as well without.
}

await runProcess({ name: 'worker', start: startWorker, settingOfPort: () => 'WORKER_PORT' });
