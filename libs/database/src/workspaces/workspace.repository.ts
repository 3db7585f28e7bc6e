import type { Tier } from '@flowmate/domain';
import { trusted, type QueryFilter, type UpdateQuery } from 'mongoose';
import type { Database } from '../connection/database.js';
import { SystemDocuments } from '../documents/documents.js';
import { isTaken } from '../documents/taken.js';
import { WORKSPACES, type WorkspaceDocument } from './workspace.schema.js';

export type Workspace = Omit<WorkspaceDocument, '_id' | 'schemaVersion'> & { readonly id: string };

const workspaceOf = ({ _id, schemaVersion, ...rest }: WorkspaceDocument): Workspace => ({ id: _id, ...rest });

/**
 * Workspaces themselves: the scope of everything else, so no method takes one. Who asks has found the id in a
 * membership, in a key or in the account of the caller.
 */
export class WorkspaceRepository {
  private readonly documents: SystemDocuments<WorkspaceDocument>;

  constructor(database: Database) {
    this.documents = new SystemDocuments(database, WORKSPACES);
  }

  /** May be repeated: one that exists stays as it is. */
  async ensure({ id, ...workspace }: Workspace): Promise<void> {
    try {
      await this.documents.insert({ _id: id, schemaVersion: 1, ...workspace });
    } catch (error) {
      if (!isTaken(error)) throw error;
    }
  }

  async find(id: string): Promise<Workspace | null> {
    const found = await this.documents.findOne({ _id: id });
    return found && workspaceOf(found);
  }

  async findAll(ids: readonly string[]): Promise<Workspace[]> {
    const filter = { _id: trusted({ $in: [...ids] }) } as QueryFilter<WorkspaceDocument>;
    return (await this.documents.list(filter, { sort: { _id: 1 }, limit: ids.length || 1 })).map(workspaceOf);
  }

  async isEmpty(): Promise<boolean> {
    return (await this.documents.count({}, 1)) === 0;
  }

  rename(id: string, name: string): Promise<Workspace | null> {
    return this.change(id, { $set: { name } });
  }

  setTier(id: string, tier: Tier): Promise<Workspace | null> {
    return this.change(id, { $set: { tier } });
  }

  setDeleted(id: string, at: Date | undefined): Promise<Workspace | null> {
    return this.change(id, at ? { $set: { deletedAt: at } } : { $unset: { deletedAt: 1 } });
  }

  /** The latest first. */
  async deletedSince(since: Date, limit: number): Promise<Workspace[]> {
    const filter = { deletedAt: trusted({ $gte: since }) } as QueryFilter<WorkspaceDocument>;
    return (await this.documents.list(filter, { sort: { deletedAt: -1 }, limit })).map(workspaceOf);
  }

  /** Deleted before that moment. A personal one goes with its person, who may still come back. */
  async listErasable(before: Date, limit: number): Promise<Workspace[]> {
    const filter = { deletedAt: trusted({ $lt: before }), kind: 'team' } as QueryFilter<WorkspaceDocument>;
    return (await this.documents.list(filter, { sort: { deletedAt: 1 }, limit })).map(workspaceOf);
  }

  erase(id: string): Promise<boolean> {
    return this.documents.delete({ _id: id });
  }

  private async change(id: string, update: UpdateQuery<WorkspaceDocument>): Promise<Workspace | null> {
    const changed = await this.documents.change({ _id: id }, update);
    return changed && workspaceOf(changed);
  }
}
