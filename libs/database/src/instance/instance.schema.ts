import { Schema } from 'mongoose';
import type { CollectionDefinition } from '../documents/collection.js';

/** What holds for the whole instance and is changed while it runs: one document. */
export interface InstanceDocument {
  readonly _id: 'instance';
  readonly schemaVersion: 1;
  /** Since when only admins may change anything. */
  readonly lockedSince?: Date;
}

const schema = new Schema<InstanceDocument>(
  { _id: { type: String, required: true }, schemaVersion: { type: Number, required: true }, lockedSince: Date },
  { versionKey: false },
);

export const INSTANCE: CollectionDefinition<InstanceDocument> = { name: 'instance', schema };
