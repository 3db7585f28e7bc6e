import { VERSION } from '@flowmate/domain';
import type { Database } from '../connection/database.js';
import { SystemDocuments } from '../documents/documents.js';
import { CANARIES, type CanaryDocument } from './canary.schema.js';

/** The last canary of a worker that came back through the queue. */
export interface Canary {
  readonly workerId: string;
  /** By the clock of the store. */
  readonly at: Date;
  /** How many of this worker came back so far. */
  readonly count: number;
  /** Of the worker's code. */
  readonly version: string;
}

/** The system's own proof that a job goes round. It belongs to nobody, so no method takes an owner. */
export class CanaryRepository {
  private readonly documents: SystemDocuments<CanaryDocument>;

  constructor(database: Database) {
    this.documents = new SystemDocuments(database, CANARIES);
  }

  /** One upsert: `_id` is unique, so two that meet in a worker's first one still make one document. */
  async beat(workerId: string): Promise<void> {
    const update = { $inc: { count: 1 }, $set: { version: VERSION }, $currentDate: { at: true as const } };
    await this.documents.update({ _id: workerId }, update, { upsert: true });
  }

  /** The last canary of one worker. */
  async of(workerId: string): Promise<Canary | null> {
    const found = await this.documents.findOne({ _id: workerId });
    return found && { workerId, at: found.at, count: found.count, version: found.version };
  }

  /** The last canary of any worker. */
  async latest(): Promise<Canary | null> {
    const [found] = await this.documents.list({}, { sort: { at: -1 }, limit: 1 });
    return found ? { workerId: found._id, at: found.at, count: found.count, version: found.version } : null;
  }
}
