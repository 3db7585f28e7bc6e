import { setTimeout as delay } from 'node:timers/promises';
import { DatabaseUnavailableError } from '@flowmate/database';

/** The run is somebody else's by now, or will be: what this worker still knows of it is of no use. */
export class RunLostError extends Error {
  override readonly name = 'RunLostError';

  constructor() {
    super('The run is not of this worker any more.');
  }
}

/** Until a store that is away is asked again; the lease ends the waiting. */
const ASK_AGAIN_MS = 500;

/**
 * Asks a store that is away until it answers, as long as this worker may hope to own anything: what a call has brought
 * must not be lost because the store was restarted. For questions and writes that may be repeated.
 */
export async function patiently<T>(isOurs: () => boolean, ask: () => Promise<T>): Promise<T> {
  while (isOurs()) {
    try {
      // oxlint-disable-next-line no-await-in-loop -- until there is an answer
      return await ask();
    } catch (error) {
      if (!(error instanceof DatabaseUnavailableError)) throw error;
    }
    // oxlint-disable-next-line no-await-in-loop -- see above
    await delay(ASK_AGAIN_MS, undefined, { ref: false });
  }
  throw new RunLostError();
}
