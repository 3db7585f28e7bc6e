import { createHash } from 'node:crypto';
import type { OwnerScope } from '@flowmate/domain';
import type { Database } from '../connection/database.js';
import { NativeDocuments, type NativeFilter } from '../documents/native-documents.js';
import { isTaken } from '../documents/taken.js';
import { PAYLOADS, type PayloadDocument } from './payload.schema.js';

/** The long texts of runs: written before the entry that names them, and never changed. */
export class PayloadRepository {
  private readonly payloads: NativeDocuments<PayloadDocument>;

  constructor(database: Database) {
    this.payloads = new NativeDocuments(database, PAYLOADS);
  }

  /** Answers what the journal keeps of it. A text that is there already is not written again. */
  async put(owner: OwnerScope, runId: string, text: string): Promise<{ readonly ref: string; readonly bytes: number }> {
    const ref = createHash('sha256').update(text).digest('hex');
    const bytes = Buffer.byteLength(text);
    const document = { _id: `${runId}:${ref}`, schemaVersion: 1, workspaceId: owner.workspaceId, bytes, text } as const;
    try {
      await this.payloads.insert(document);
    } catch (error) {
      if (!isTaken(error)) throw error;
    }
    return { ref, bytes };
  }

  async find(owner: OwnerScope, runId: string, ref: string): Promise<string | null> {
    const found = await this.payloads.findOne({ _id: `${runId}:${ref}`, workspaceId: owner.workspaceId });
    return found?.text ?? null;
  }

  /** All of a run, in the order of their refs, after one of them. */
  async listOfRun(
    owner: OwnerScope,
    runId: string,
    { after = '', limit }: { after?: string | undefined; limit: number },
  ): Promise<Array<{ readonly ref: string; readonly text: string }>> {
    const filter = { _id: { $gt: `${runId}:${after}`, $lt: `${runId};` }, workspaceId: owner.workspaceId };
    const found = await this.payloads.list<PayloadDocument>(filter, { sort: { _id: 1 }, limit });
    return found.map(({ _id, text }) => ({ ref: _id.slice(runId.length + 1), text }));
  }

  /** Those of some runs, by their refs: what a worker needs to go on with a run. */
  async findAll(runId: string, refs: readonly string[]): Promise<ReadonlyMap<string, string>> {
    if (refs.length === 0) return new Map();
    const ids = refs.map((ref) => `${runId}:${ref}`);
    const found = await this.payloads.list({ _id: { $in: ids } }, { limit: ids.length });
    return new Map(found.map(({ _id, text }) => [_id.slice(runId.length + 1), text]));
  }

  /** What belonged to runs that are forgotten. */
  async deleteOfRuns(runIds: readonly string[]): Promise<number> {
    // From the first to the last id that can begin like this: `;` follows `:`.
    const ranges = runIds.map((id) => ({ _id: { $gte: `${id}:`, $lt: `${id};` } }));
    return ranges.length === 0 ? 0 : this.payloads.deleteAll({ $or: ranges } as NativeFilter<PayloadDocument>);
  }

  deleteOfWorkspace(owner: OwnerScope): Promise<number> {
    return this.payloads.deleteAll({ workspaceId: owner.workspaceId });
  }
}
