import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type { mongo } from 'mongoose';
import { OPERATION_MS } from '../connection/client-options.js';
import { MigrationLockedError, MigrationLockLostError } from './migration.errors.js';

interface LockDocument {
  readonly _id: string;
  /** The last sign of life of the holder, by the clock of the store; the beginning of time when there is none. */
  readonly at: Date;
  /** Who, for people; and which try of theirs. */
  readonly holder?: string;
  readonly token?: string;
}

export interface LockTimes {
  /** A holder that is silent for so long is gone. */
  readonly leaseMs: number;
  /** How long to wait for another holder. */
  readonly waitMs: number;
}

export interface TakeOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onWaiting?: ((holder: string) => void) | undefined;
}

/** A store that elects a new primary is silent for some ten seconds; three signs of life fit into a lease. */
export const LOCK_TIMES: LockTimes = { leaseMs: 30_000, waitMs: 60_000 };
const SIGNS_PER_LEASE = 3;
/** Between two looks at a lock that somebody else holds. */
const LOOK_MS = 250;
const LOCK = 'lock';
const LIMIT = { maxTimeMS: OPERATION_MS };

/** One process at a time changes the database. By the clock of the store, so that nobody's own clock matters. */
export class MigrationLock {
  readonly holder = `${hostname()}, process ${process.pid}`;
  private readonly token = randomUUID();
  private readonly locks: mongo.Collection<LockDocument>;
  private renewal: NodeJS.Timeout | undefined;
  private lastSign = 0;

  constructor(
    db: mongo.Db,
    private readonly times: LockTimes,
  ) {
    this.locks = db.collection<LockDocument>('migration_lock');
  }

  /** Answers when it is held; tells once whom it has to wait for. */
  async take({ signal, onWaiting }: TakeOptions = {}): Promise<void> {
    await this.locks.updateOne({ _id: LOCK }, { $setOnInsert: { at: new Date(0) } }, { upsert: true, ...LIMIT });
    const deadline = performance.now() + this.times.waitMs;
    for (let look = 0; !(await this.tryToTake()); look += 1) {
      if (look === 0) onWaiting?.(await this.otherHolder());
      if (performance.now() > deadline) throw new MigrationLockedError(await this.otherHolder());
      await delay(LOOK_MS, undefined, { signal });
    }
    this.lastSign = performance.now();
    this.renewal = setInterval(() => void this.renew(), this.times.leaseMs / SIGNS_PER_LEASE);
  }

  /** To be asked before anything is written: throws when another process may hold the lock by now. */
  async assertHeld(): Promise<void> {
    await this.renew();
    if (performance.now() - this.lastSign >= this.times.leaseMs) throw new MigrationLockLostError();
  }

  async release(): Promise<void> {
    clearInterval(this.renewal);
    const gone = { $set: { at: new Date(0) }, $unset: { holder: '', token: '' } } as const;
    await this.locks.updateOne({ _id: LOCK, token: this.token }, gone, LIMIT);
  }

  private async tryToTake(): Promise<boolean> {
    const expired = { $lt: ['$at', { $subtract: ['$$NOW', this.times.leaseMs] }] };
    const mine = { $set: { holder: this.holder, token: this.token }, $currentDate: { at: true } } as const;
    const { matchedCount } = await this.locks.updateOne({ _id: LOCK, $expr: expired }, mine, LIMIT);
    return matchedCount === 1;
  }

  /** A sign counts from when it was sent. One that cannot be given is made up for by the next, within the lease. */
  private async renew(): Promise<void> {
    const sent = performance.now();
    try {
      const sign = { $currentDate: { at: true } } as const;
      const { matchedCount } = await this.locks.updateOne({ _id: LOCK, token: this.token }, sign, LIMIT);
      if (matchedCount === 1) this.lastSign = sent;
      else this.lastSign = Number.NEGATIVE_INFINITY;
    } catch {
      // The store is away for a moment: whether that was too long is asked before the next write.
    }
  }

  private async otherHolder(): Promise<string> {
    const lock = await this.locks.findOne({ _id: LOCK }, LIMIT);
    return lock?.holder ?? 'another process';
  }
}
