import { Schema } from 'mongoose';
import type { CollectionDefinition, Owned } from '../documents/collection.js';
import { DEFINITION_SCHEMA, type StoredDefinition } from './definition.js';

/** An agent with its newest version in it, so that it is made by one write and read by one read. */
export interface AgentDocument extends Owned {
  readonly _id: string;
  readonly schemaVersion: 1;
  readonly version: number;
  readonly definition: StoredDefinition;
  /** The name as it is looked for. */
  readonly nameKey: string;
  /**
   * Its place among those that the workspace may have: two agents never share one, so that no race makes one too many.
   * An agent has it until it is deleted.
   */
  readonly slot?: number;
  /** Who saved the newest version, and when. */
  readonly savedBy: string;
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly deletedAt?: Date;
  /** The request that made it, where its caller gave it a key: storing the agent is storing the key. */
  readonly request?: { readonly key: string; readonly body: string };
}

/** A version that is not the newest any more. */
export interface AgentVersionDocument extends Owned {
  /** `agentId.version`. */
  readonly _id: string;
  readonly schemaVersion: 1;
  readonly agentId: string;
  readonly version: number;
  readonly definition: StoredDefinition;
  readonly createdBy: string;
  readonly createdAt: Date;
}

const schema = new Schema<AgentDocument>(
  {
    _id: { type: String, required: true },
    schemaVersion: { type: Number, required: true },
    workspaceId: { type: String, required: true },
    version: { type: Number, required: true },
    definition: { type: DEFINITION_SCHEMA, required: true },
    nameKey: { type: String, required: true },
    slot: Number,
    savedBy: { type: String, required: true },
    createdBy: { type: String, required: true },
    createdAt: { type: Date, required: true },
    updatedAt: { type: Date, required: true },
    deletedAt: Date,
    request: new Schema({ key: String, body: String }, { _id: false }),
  },
  { versionKey: false },
);
// AgentRepository.create
schema.index({ workspaceId: 1, slot: 1 }, { unique: true, partialFilterExpression: { slot: { $exists: true } } });
// AgentRepository.create and findByRequest
schema.index(
  { workspaceId: 1, 'request.key': 1 },
  { unique: true, partialFilterExpression: { 'request.key': { $exists: true } } },
);
// AgentRepository.list and eraseAll
schema.index({ workspaceId: 1, _id: 1 });
// AgentRepository.list, by the beginning of a name
schema.index({ workspaceId: 1, nameKey: 1, _id: 1 });
// AgentRepository.deletedSince
schema.index({ deletedAt: 1 }, { partialFilterExpression: { deletedAt: { $exists: true } } });

export const AGENTS: CollectionDefinition<AgentDocument> = { name: 'agents', schema };

const versionSchema = new Schema<AgentVersionDocument>(
  {
    _id: { type: String, required: true },
    schemaVersion: { type: Number, required: true },
    workspaceId: { type: String, required: true },
    agentId: { type: String, required: true },
    version: { type: Number, required: true },
    definition: { type: DEFINITION_SCHEMA, required: true },
    createdBy: { type: String, required: true },
    createdAt: { type: Date, required: true },
  },
  { versionKey: false },
);
// AgentRepository.listVersions and eraseAll
versionSchema.index({ workspaceId: 1, agentId: 1, version: 1 });

export const AGENT_VERSIONS: CollectionDefinition<AgentVersionDocument> = {
  name: 'agent_versions',
  schema: versionSchema,
};
