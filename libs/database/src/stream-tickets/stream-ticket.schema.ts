import { Schema } from 'mongoose';
import type { CollectionDefinition, Owned } from '../documents/collection.js';

/** Lets a browser open one live stream, where it can send no header. */
export interface StreamTicketDocument extends Owned {
  /** The hash of the ticket. */
  readonly _id: string;
  readonly schemaVersion: 1;
  /** Whose rights it carries: they are looked at again when it is used. */
  readonly bearer: { readonly kind: 'session' | 'key'; readonly id: string };
  /** The one address that it opens. */
  readonly path: string;
  readonly expiresAt: Date;
  readonly usedAt?: Date;
}

const schema = new Schema<StreamTicketDocument>(
  {
    _id: { type: String, required: true },
    schemaVersion: { type: Number, required: true },
    workspaceId: { type: String, required: true },
    bearer: { kind: { type: String, required: true, enum: ['session', 'key'] }, id: { type: String, required: true } },
    path: { type: String, required: true },
    expiresAt: { type: Date, required: true },
    usedAt: Date,
  },
  { versionKey: false },
);
// MongoDB removes by it.
schema.index({ expiresAt: 1 }, { expireAfterSeconds: 0 });

export const STREAM_TICKETS: CollectionDefinition<StreamTicketDocument> = { name: 'stream_tickets', schema };
