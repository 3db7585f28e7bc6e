import { Schema } from 'mongoose';
import type { CollectionDefinition } from '../documents/collection.js';

/** What is left of a worker's canaries: one document per worker, changed by each. */
export interface CanaryDocument {
  /** The worker. */
  readonly _id: string;
  /** When the last one came back, by the clock of the store. */
  readonly at: Date;
  readonly count: number;
  /** Of the worker's code. */
  readonly version: string;
}

/** Workers take a new id at every start, so those of yesterday are of no use. */
const KEPT_SECONDS = 86_400;

const schema = new Schema<CanaryDocument>(
  {
    _id: { type: String, required: true },
    at: { type: Date, required: true },
    count: { type: Number, required: true },
    version: { type: String, required: true },
  },
  { versionKey: false },
);
// CanaryRepository.latest sorts by it; MongoDB itself removes by it.
schema.index({ at: 1 }, { expireAfterSeconds: KEPT_SECONDS });

export const CANARIES: CollectionDefinition<CanaryDocument> = { name: 'canaries', schema };
