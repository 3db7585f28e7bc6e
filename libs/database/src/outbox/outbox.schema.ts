import { Schema } from 'mongoose';
import type { CollectionDefinition } from '../documents/collection.js';

const MAIL_STATUSES = ['due', 'sent', 'failed', 'dropped'] as const;
export type MailStatus = (typeof MAIL_STATUSES)[number];

/** One mail, from the moment it is wanted. */
export interface OutboxDocument {
  readonly _id: string;
  readonly schemaVersion: 1;
  /** Names the template. */
  readonly kind: string;
  readonly to: string;
  /** What the template needs, sealed for this document; erased when nobody needs it any more. */
  readonly sealed: string | null;
  readonly status: MailStatus;
  readonly createdAt: Date;
  /** When somebody must look: at once, at the next try, or when who sends it now may have died. */
  readonly dueAt: Date;
  /** Later than that it is worth nothing to whom it goes. */
  readonly notAfter: Date | null;
  readonly attempts: number;
  /** Of who sends it at the moment, or did last. */
  readonly claim: string | null;
  /** A word of ours. */
  readonly lastError: string | null;
  readonly sentAt: Date | null;
  readonly messageId: string | null;
  readonly expiresAt: Date;
}

const schema = new Schema<OutboxDocument>(
  {
    _id: { type: String, required: true },
    schemaVersion: { type: Number, required: true },
    kind: { type: String, required: true },
    to: { type: String, required: true },
    sealed: String,
    status: { type: String, required: true, enum: MAIL_STATUSES },
    createdAt: { type: Date, required: true },
    dueAt: { type: Date, required: true },
    notAfter: Date,
    attempts: { type: Number, required: true },
    claim: String,
    lastError: String,
    sentAt: Date,
    messageId: String,
    expiresAt: { type: Date, required: true },
  },
  { versionKey: false },
);
// OutboxRepository.due and waitingSince ask by it.
schema.index({ status: 1, dueAt: 1 });
// OutboxRepository.latest sorts by it.
schema.index({ createdAt: -1 });
// OutboxRepository.eraseTo
schema.index({ to: 1 });
// MongoDB itself removes by it.
schema.index({ expiresAt: 1 }, { expireAfterSeconds: 0 });

export const OUTBOX: CollectionDefinition<OutboxDocument> = { name: 'outbox', schema };
