import { newId, type OwnerScope } from '@flowmate/domain';
import { trusted } from 'mongoose';
import type { Database } from '../connection/database.js';
import { SystemDocuments } from '../documents/documents.js';
import { OwnedDocuments } from '../documents/owned-documents.js';
import { isTaken } from '../documents/taken.js';
import { MEMORIES, type MemoryDocument } from './memory.schema.js';

export type Memory = Omit<MemoryDocument, '_id' | 'schemaVersion'> & { readonly id: string };

/** As many as a person still reads through; 1.6 MB at most with the texts that tools take. */
export const MAX_MEMORIES = 200;

const memoryOf = ({ _id, schemaVersion, ...rest }: MemoryDocument): Memory => ({ id: _id, ...rest });

export class MemoryRepository {
  private readonly documents: OwnedDocuments<MemoryDocument>;
  private readonly ofAllWorkspaces: SystemDocuments<MemoryDocument>;

  constructor(database: Database) {
    this.documents = new OwnedDocuments(database, MEMORIES);
    this.ofAllWorkspaces = new SystemDocuments(database, MEMORIES);
  }

  async find(owner: OwnerScope, agentId: string, name: string): Promise<Memory | null> {
    const found = await this.documents.findOne(owner, { agentId, name });
    return found && memoryOf(found);
  }

  /**
   * Answers whether it is stored: a new name is not when the agent has as many as it may. Two new ones at once may
   * both find the last place free; that is one too many and no harm.
   */
  async set(owner: OwnerScope, memory: Omit<Memory, 'id' | 'workspaceId'>): Promise<boolean> {
    const { agentId, name, ...written } = memory;
    const replace = (): Promise<boolean> => this.documents.update(owner, { agentId, name }, { $set: written });
    if (await replace()) return true;
    if ((await this.documents.count(owner, { agentId }, MAX_MEMORIES)) >= MAX_MEMORIES) return false;
    try {
      await this.documents.insert(owner, { _id: newId(), schemaVersion: 1, ...memory });
      return true;
    } catch (error) {
      if (isTaken(error)) return replace();
      throw error;
    }
  }

  /** Of all agents, in the order in which they were made. */
  async list(owner: OwnerScope, { after = '', limit }: { after?: string; limit: number }): Promise<Memory[]> {
    const filter = { _id: trusted({ $gt: after }) };
    return (await this.documents.list(owner, filter, { sort: { _id: 1 }, limit })).map(memoryOf);
  }

  /** What is left of an agent when it goes. */
  eraseOfAgent({ workspaceId }: OwnerScope, agentId: string): Promise<number> {
    return this.ofAllWorkspaces.deleteAll({ workspaceId, agentId });
  }

  eraseAll(owner: OwnerScope): Promise<number> {
    return this.documents.deleteAll(owner);
  }
}
