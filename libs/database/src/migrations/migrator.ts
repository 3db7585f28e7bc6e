import { VERSION } from '@flowmate/domain';
import type { mongo } from 'mongoose';
import { MIGRATION_STEP_MS, OPERATION_MS } from '../connection/client-options.js';
import { native, RUN, type Database } from '../connection/database.js';
import { ALL_MIGRATIONS } from './all-migrations.js';
import { LOCK_TIMES, MigrationLock, type LockTimes } from './migration-lock.js';
import { NewerDatabaseError } from './migration.errors.js';
import type { Migration } from './migration.js';

/** `pending`: this version needs migrations that have not run. `newer`: a later version has changed the database. */
export type MigrationState = 'current' | 'pending' | 'newer';

export interface MigrationStatus {
  readonly id: string;
  readonly name: string;
  readonly state: 'applied' | 'pending' | 'unknown';
  readonly at?: Date;
  readonly ms?: number;
  readonly appliedBy?: string;
}

interface MigrationDocument {
  readonly _id: string;
  readonly name: string;
  /** By the clock of the store. */
  readonly at: Date;
  readonly ms: number;
  readonly appliedBy: string;
  /** Of the code that ran it. */
  readonly version: string;
}

export interface MigratorOptions {
  readonly migrations?: readonly Migration[];
  readonly lock?: LockTimes;
  /** Somebody else holds the lock. */
  readonly onWaiting?: (holder: string) => void;
  readonly onApplied?: (applied: { readonly id: string; readonly name: string; readonly ms: number }) => void;
}

/** Brings the database to where this version of the code needs it, step by step, one process at a time. */
export class Migrator {
  private readonly migrations: readonly Migration[];
  private readonly lockTimes: LockTimes;

  constructor(
    private readonly database: Database,
    private readonly options: MigratorOptions = {},
  ) {
    this.migrations = options.migrations ?? ALL_MIGRATIONS;
    this.lockTimes = options.lock ?? LOCK_TIMES;
  }

  /** All steps that this code or the database knows, in order. */
  async status(): Promise<MigrationStatus[]> {
    const applied = await this.applied();
    const known = this.migrations.map(({ id, name }) => describe(id, name, applied.get(id)));
    const unknown = this.unknownIn(applied).map(({ _id, name, at }) => ({
      id: _id,
      name,
      at,
      state: 'unknown' as const,
    }));
    return [...known, ...unknown];
  }

  async state(): Promise<MigrationState> {
    const applied = await this.applied();
    if (this.unknownIn(applied).length > 0) return 'newer';
    return this.migrations.every(({ id }) => applied.has(id)) ? 'current' : 'pending';
  }

  /**
   * Runs what has not run. Answers the ids of what it ran itself: another process may have run some meanwhile. A signal
   * ends it after the step that is under way, and leaves the lock free.
   */
  async up(signal?: AbortSignal): Promise<string[]> {
    await this.refuseNewer();
    return this.database[RUN]((connection) => this.runLocked(native(connection), signal), {
      timeoutMs: this.limitMs(),
    });
  }

  /** Every step and the wait before them has its own limit; this one only catches what forgot its own. */
  private limitMs(): number {
    return this.lockTimes.waitMs + this.migrations.length * MIGRATION_STEP_MS + MIGRATION_STEP_MS;
  }

  private async runLocked(db: mongo.Db, signal?: AbortSignal): Promise<string[]> {
    const lock = new MigrationLock(db, this.lockTimes);
    await lock.take({ signal, onWaiting: this.options.onWaiting });
    try {
      return await this.runPending(db, lock, signal);
    } finally {
      await lock.release();
    }
  }

  private async runPending(db: mongo.Db, lock: MigrationLock, signal?: AbortSignal): Promise<string[]> {
    const applied = await this.refuseNewer();
    const ran: string[] = [];
    for (const migration of this.migrations.filter(({ id }) => !applied.has(id))) {
      signal?.throwIfAborted();
      const started = performance.now();
      await lock.assertHeld();
      await migration.up(db);
      await lock.assertHeld();
      const ms = Math.round(performance.now() - started);
      await this.record(db, migration, { ms, appliedBy: lock.holder });
      ran.push(migration.id);
      this.options.onApplied?.({ id: migration.id, name: migration.name, ms });
    }
    return ran;
  }

  private async record(db: mongo.Db, { id, name }: Migration, run: { ms: number; appliedBy: string }): Promise<void> {
    const entry = { $setOnInsert: { name, version: VERSION, ...run }, $currentDate: { at: true } } as const;
    await db
      .collection<MigrationDocument>('migrations')
      .updateOne({ _id: id }, entry, { upsert: true, maxTimeMS: OPERATION_MS });
  }

  private async refuseNewer(): Promise<ReadonlyMap<string, MigrationDocument>> {
    const applied = await this.applied();
    const unknown = this.unknownIn(applied);
    if (unknown.length > 0) throw new NewerDatabaseError(unknown.map(({ _id, name }) => `${_id}-${name}`));
    return applied;
  }

  private unknownIn(applied: ReadonlyMap<string, MigrationDocument>): MigrationDocument[] {
    const known = new Set(this.migrations.map(({ id }) => id));
    return [...applied.values()].filter(({ _id }) => !known.has(_id));
  }

  private async applied(): Promise<ReadonlyMap<string, MigrationDocument>> {
    const found = await this.database[RUN]((connection) =>
      native(connection)
        .collection<MigrationDocument>('migrations')
        .find({}, { maxTimeMS: OPERATION_MS })
        .sort({ _id: 1 })
        .toArray(),
    );
    return new Map(found.map((document) => [document._id, document]));
  }
}

function describe(id: string, name: string, applied: MigrationDocument | undefined): MigrationStatus {
  if (!applied) return { id, name, state: 'pending' };
  const { at, ms, appliedBy } = applied;
  return { id, name, state: 'applied', at, ms, appliedBy };
}
