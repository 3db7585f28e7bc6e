import { Schema } from 'mongoose';
import type { CollectionDefinition, Owned } from '../documents/collection.js';

/** A request that its caller named, so that it is done once however often it is sent. */
export interface IdempotencyKeyDocument extends Owned {
  /** A hash of workspace, caller, operation and the caller's key. */
  readonly _id: string;
  readonly schemaVersion: 1;
  /** A hash of what was asked for. */
  readonly body: string;
  readonly begunAt: Date;
  readonly expiresAt: Date;
  /** Sealed, because some answers are shown only once. Absent while the request is under way. */
  readonly answer?: string;
}

const schema = new Schema<IdempotencyKeyDocument>(
  {
    _id: { type: String, required: true },
    schemaVersion: { type: Number, required: true },
    workspaceId: { type: String, required: true },
    body: { type: String, required: true },
    begunAt: { type: Date, required: true },
    expiresAt: { type: Date, required: true },
    answer: String,
  },
  { versionKey: false },
);
// MongoDB itself
schema.index({ expiresAt: 1 }, { expireAfterSeconds: 0 });
// IdempotencyKeyRepository.eraseAll
schema.index({ workspaceId: 1 });

export const IDEMPOTENCY_KEYS: CollectionDefinition<IdempotencyKeyDocument> = { name: 'idempotency_keys', schema };
