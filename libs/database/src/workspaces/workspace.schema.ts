import { TIERS, type Tier } from '@flowmate/domain';
import { Schema } from 'mongoose';
import type { CollectionDefinition } from '../documents/collection.js';

const WORKSPACE_KINDS = ['personal', 'team'] as const;

/** The owner of everything that people make. */
export interface WorkspaceDocument {
  readonly _id: string;
  readonly schemaVersion: 1;
  readonly name: string;
  readonly kind: (typeof WORKSPACE_KINDS)[number];
  readonly tier: Tier;
  readonly createdBy: string;
  readonly createdAt: Date;
  /** Gone for everybody; erased thirty days later. */
  readonly deletedAt?: Date;
}

const schema = new Schema<WorkspaceDocument>(
  {
    _id: { type: String, required: true },
    schemaVersion: { type: Number, required: true },
    name: { type: String, required: true },
    kind: { type: String, required: true, enum: WORKSPACE_KINDS },
    tier: { type: String, required: true, enum: TIERS },
    createdBy: { type: String, required: true },
    createdAt: { type: Date, required: true },
    deletedAt: Date,
  },
  { versionKey: false },
);
// WorkspaceRepository.listErasable and deletedSince
schema.index({ deletedAt: 1 }, { partialFilterExpression: { deletedAt: { $exists: true } } });

export const WORKSPACES: CollectionDefinition<WorkspaceDocument> = { name: 'workspaces', schema };
