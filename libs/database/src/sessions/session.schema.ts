import { Schema } from 'mongoose';
import type { CollectionDefinition } from '../documents/collection.js';

const SESSION_ENDS = ['signed_out', 'ended', 'all_ended', 'refresh_reused'] as const;

/** One sign-in, which is also one family of refresh tokens: they follow each other in this document. */
export interface SessionDocument {
  readonly _id: string;
  readonly schemaVersion: 1;
  readonly userId: string;
  /** That of the user when it began. */
  readonly sessionVersion: number;
  /** Keyed hash of the one token that is good now. */
  readonly refreshHash: string;
  /** That of the token before it, so that two tabs that refresh at once are told from a thief. */
  readonly previousHash?: string;
  readonly rotatedAt?: Date;
  readonly createdAt: Date;
  /** The end, however often it was refreshed. */
  readonly expiresAt: Date;
  readonly lastUsedAt: Date;
  /** What the browser or program calls itself, cut short. */
  readonly device: string;
  readonly address: string;
  readonly endedAt?: Date;
  readonly endReason?: (typeof SESSION_ENDS)[number];
}

const schema = new Schema<SessionDocument>(
  {
    _id: { type: String, required: true },
    schemaVersion: { type: Number, required: true },
    userId: { type: String, required: true },
    sessionVersion: { type: Number, required: true },
    refreshHash: { type: String, required: true },
    previousHash: String,
    rotatedAt: Date,
    createdAt: { type: Date, required: true },
    expiresAt: { type: Date, required: true },
    lastUsedAt: { type: Date, required: true },
    // An empty text is a device that says nothing of itself.
    device: String,
    address: String,
    endedAt: Date,
    endReason: { type: String, enum: SESSION_ENDS },
  },
  { versionKey: false },
);
// SessionRepository.listOpen, listNotEnded, end and endAll
schema.index({ userId: 1, _id: 1 });
// MongoDB removes by it: an ended session is kept until then, so that its tokens are still recognised.
schema.index({ expiresAt: 1 }, { expireAfterSeconds: 0 });

export const SESSIONS: CollectionDefinition<SessionDocument> = { name: 'sessions', schema };
