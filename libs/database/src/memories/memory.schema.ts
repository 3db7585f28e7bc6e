import { Schema } from 'mongoose';
import type { CollectionDefinition, Owned } from '../documents/collection.js';

/** A text that an agent keeps between its runs. */
export interface MemoryDocument extends Owned {
  readonly _id: string;
  readonly schemaVersion: 1;
  readonly agentId: string;
  readonly name: string;
  readonly text: string;
  /** The run that wrote it: what it read before may have come from anybody. */
  readonly runId: string;
  readonly at: Date;
}

const schema = new Schema<MemoryDocument>(
  {
    _id: { type: String, required: true },
    schemaVersion: { type: Number, required: true },
    workspaceId: { type: String, required: true },
    agentId: { type: String, required: true },
    name: { type: String, required: true },
    text: { type: String, required: true },
    runId: { type: String, required: true },
    at: { type: Date, required: true },
  },
  { versionKey: false },
);
// MemoryRepository.set relies on it: one text for each name. get, its count, eraseOfAgent and eraseAll go along it.
schema.index({ workspaceId: 1, agentId: 1, name: 1 }, { unique: true });
// MemoryRepository.list
schema.index({ workspaceId: 1, _id: 1 });

export const MEMORIES: CollectionDefinition<MemoryDocument> = { name: 'memories', schema };
