import type { Database } from '../connection/database.js';
import { SystemDocuments } from '../documents/documents.js';
import { INSTANCE, type InstanceDocument } from './instance.schema.js';

const ONLY = { _id: 'instance' } as const;

/** The state of the instance. It belongs to nobody, so no method takes an owner. */
export class InstanceRepository {
  private readonly documents: SystemDocuments<InstanceDocument>;

  constructor(database: Database) {
    this.documents = new SystemDocuments(database, INSTANCE);
  }

  async lockedSince(): Promise<Date | undefined> {
    return (await this.documents.findOne(ONLY))?.lockedSince;
  }

  /** Who locks what is locked already changes nothing: it is locked since the first time. */
  async setLocked(since: Date | undefined): Promise<void> {
    const locked = { $min: { lockedSince: since }, $set: { schemaVersion: 1 } };
    const update = since ? locked : { $unset: { lockedSince: 1 } };
    await this.documents.update(ONLY, update as never, { upsert: since !== undefined });
  }
}
