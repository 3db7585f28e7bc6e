import { VERSION } from '@flowmate/domain';
import type { Database } from '../connection/database.js';
import { NativeDocuments } from '../documents/native-documents.js';
import { WORKERS, type WorkerDocument } from './worker.schema.js';

/** The leases of workers. All times are the store's. */
export class WorkerRepository {
  private readonly workers: NativeDocuments<WorkerDocument>;

  constructor(database: Database) {
    this.workers = new NativeDocuments(database, WORKERS);
  }

  /** Answers the time of the store. */
  async register(id: string): Promise<Date> {
    const update = { $currentDate: { at: true as const }, $setOnInsert: { version: VERSION, gone: false } };
    const made = await this.workers.change({ _id: id }, update, { upsert: true });
    return made?.at ?? new Date();
  }

  /**
   * Answers the time of the store, or nothing when the worker is gone for ever. Leaves behind since when somebody was
   * heard, for workers that start later.
   */
  async beat(id: string, heardSince: Date | null = null): Promise<Date | null> {
    const update = { $currentDate: { at: true as const }, ...(heardSince && { $set: { heardSince } }) };
    const found = await this.workers.change({ _id: id, gone: false }, update);
    return found?.at ?? null;
  }

  /** The workers that were heard last, whether they are gone or not. */
  async lastHeard(limit: number): Promise<ReadonlyArray<{ readonly at: Date; readonly heardSince: Date }>> {
    const options = { sort: { at: -1 }, limit, projection: { at: 1, heardSince: 1 } } as const;
    const found = await this.workers.list<WorkerDocument>({}, options);
    return found.map(({ at, heardSince = at }) => ({ at, heardSince }));
  }

  /** A worker that ends in order says so, and nobody waits for its silence. */
  async leave(id: string): Promise<void> {
    await this.workers.update({ _id: id }, { $set: { gone: true } });
  }

  /** Whoever has been silent since before that time is gone. Answers how many. */
  judge(silentSince: Date): Promise<number> {
    return this.workers.updateAll({ gone: false, at: { $lt: silentSince } }, { $set: { gone: true } });
  }

  /** Of these, those that may still have their runs. */
  async alive(ids: readonly string[]): Promise<ReadonlySet<string>> {
    if (ids.length === 0) return new Set();
    const filter = { _id: { $in: [...ids] }, gone: false };
    const found = await this.workers.list<WorkerDocument>(filter, { limit: ids.length, projection: { _id: 1 } });
    return new Set(found.map(({ _id }) => _id));
  }

  async isAlive(id: string): Promise<boolean> {
    return (await this.alive([id])).has(id);
  }

  async list(limit: number): Promise<ReadonlyArray<{ id: string; at: Date; version: string }>> {
    const found = await this.workers.list<WorkerDocument>({ gone: false }, { sort: { gone: 1, at: -1 }, limit });
    return found.map(({ _id, at, version }) => ({ id: _id, at, version }));
  }
}
