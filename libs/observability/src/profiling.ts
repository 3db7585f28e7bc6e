import { Session } from 'node:inspector/promises';
import { finished, type Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { getHeapSnapshot } from 'node:v8';
import { DomainError, InvalidInputError } from '@flowmate/domain';

/** A profile slows the process down, so there is one at a time. */
export class ProfileInProgressError extends DomainError {
  readonly kind = 'conflict';
  readonly code = 'profile_in_progress';

  constructor() {
    super('Another profile of this process is being taken. Try again when it is done.');
  }
}

/** A minute shows every load that repeats, and its profile still fits into memory. */
const MAX_SECONDS = 60;

/** The inspector and the heap belong to the process, so the lock does too. */
let busy = false;

/** Looks into the running process. All instances share one lock: there is one process to look into. */
export class Profiler {
  /**
   * The heap as a `.heapsnapshot` for Chrome's developer tools. Stops the process while it is taken, and
   * holds everything the process knows, secrets included: for operators only.
   */
  heapSnapshot(): Readable {
    acquire();
    try {
      const snapshot = getHeapSnapshot();
      finished(snapshot, release);
      return snapshot;
    } catch (error) {
      release();
      throw error;
    }
  }

  /** A CPU profile of the next seconds as the text of a `.cpuprofile`. Aborting ends it without a result. */
  async cpuProfile(seconds: number, signal?: AbortSignal): Promise<string> {
    if (!Number.isInteger(seconds) || seconds < 1 || seconds > MAX_SECONDS) {
      const message = `must be a whole number from 1 to ${MAX_SECONDS}`;
      throw new InvalidInputError([{ path: 'seconds', rule: 'range', message }]);
    }
    signal?.throwIfAborted();
    acquire();
    const session = new Session();
    try {
      session.connect();
      await session.post('Profiler.enable');
      await session.post('Profiler.start');
      await delay(seconds * 1_000, undefined, signal ? { signal } : {});
      const { profile } = await session.post('Profiler.stop');
      return JSON.stringify(profile);
    } finally {
      session.disconnect();
      release();
    }
  }
}

function acquire(): void {
  if (busy) throw new ProfileInProgressError();
  busy = true;
}

function release(): void {
  busy = false;
}
