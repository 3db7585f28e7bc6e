import { Schema } from 'mongoose';
import type { CollectionDefinition } from '../documents/collection.js';

/** One entry of a trail as it is stored. Nothing ever changes it; only retention removes it, from the oldest end. */
export interface AuditEntryDocument {
  /** The trail and the place in it, padded so that texts sort as numbers do. Two entries never share a place. */
  readonly _id: string;
  readonly schemaVersion: 1;
  /** A workspace's id, or the word for the instance. */
  readonly trail: string;
  /** From 1, without gaps. */
  readonly seq: number;
  /** By the clock of the process that recorded it, which health keeps within half a minute of the store's. */
  readonly at: Date;
  readonly action: string;
  readonly actor: { readonly kind: string; readonly id?: string };
  readonly target?: { readonly kind: string; readonly id: string };
  readonly outcome: string;
  readonly from?: { readonly address?: string; readonly userAgent?: string };
  readonly details?: Readonly<Record<string, string | number | boolean>>;
  readonly correlationId?: string;
  /** Which key made the hash. */
  readonly keyId: string;
  /** The hash of the entry before it. */
  readonly previous: string;
  readonly hash: string;
}

/** Where a trail begins and ends, sealed, so that an end that was cut off is missed. */
export interface AuditHeadDocument {
  /** The trail. */
  readonly _id: string;
  readonly schemaVersion: 1;
  /** The last place that is known to be taken. A process that is killed leaves it behind; the next entry mends that. */
  readonly seq: number;
  readonly hash: string;
  readonly keyId: string;
  readonly seal: string;
  /** The oldest place that is still kept, and the hash of the one before it. */
  readonly firstSeq: number;
  readonly cutHash: string;
  readonly cutKeyId: string;
  readonly cutSeal: string;
}

const who = (isIdRequired: boolean): Schema =>
  new Schema({ kind: { type: String, required: true }, id: { type: String, required: isIdRequired } }, { _id: false });
const origin = new Schema({ address: String, userAgent: String }, { _id: false });

const entrySchema = new Schema<AuditEntryDocument>(
  {
    _id: { type: String, required: true },
    schemaVersion: { type: Number, required: true },
    trail: { type: String, required: true },
    seq: { type: Number, required: true },
    at: { type: Date, required: true },
    action: { type: String, required: true },
    actor: { type: who(false), required: true },
    target: { type: who(true) },
    outcome: { type: String, required: true },
    from: { type: origin },
    details: { type: Schema.Types.Mixed },
    correlationId: { type: String },
    keyId: { type: String, required: true },
    previous: { type: String, required: true },
    hash: { type: String, required: true },
  },
  { versionKey: false },
);
// AuditRepository.append relies on it: no two entries share a place. first, last, page and after go along it.
entrySchema.index({ trail: 1, seq: 1 }, { unique: true });
// AuditRepository.page with each of its filters, and ofTargets.
entrySchema.index({ trail: 1, action: 1, seq: -1 });
entrySchema.index({ trail: 1, outcome: 1, seq: -1 });
entrySchema.index({ trail: 1, 'actor.id': 1, seq: -1 });
entrySchema.index({ trail: 1, 'target.id': 1, seq: -1 });
// AuditRepository.page between two times, and firstSince for retention.
entrySchema.index({ trail: 1, at: 1 });

const headSchema = new Schema<AuditHeadDocument>(
  {
    _id: { type: String, required: true },
    schemaVersion: { type: Number, required: true },
    seq: { type: Number, required: true },
    hash: { type: String, required: true },
    keyId: { type: String, required: true },
    seal: { type: String, required: true },
    firstSeq: { type: Number, required: true },
    cutHash: { type: String, required: true },
    cutKeyId: { type: String, required: true },
    cutSeal: { type: String, required: true },
  },
  { versionKey: false },
);

export const AUDIT: CollectionDefinition<AuditEntryDocument> = { name: 'audit', schema: entrySchema };
export const AUDIT_HEADS: CollectionDefinition<AuditHeadDocument> = { name: 'audit_heads', schema: headSchema };
