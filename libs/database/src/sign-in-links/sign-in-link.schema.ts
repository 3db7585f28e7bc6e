import { Schema } from 'mongoose';
import type { CollectionDefinition } from '../documents/collection.js';

/** The one living link of an address. A newer link takes its place, and the older one is gone. */
export interface SignInLinkDocument {
  /** A keyed hash of the address. */
  readonly _id: string;
  readonly schemaVersion: 1;
  /** Counts the changes, so that of two at once the second one looks again. */
  readonly version: number;
  readonly email: string;
  readonly tokenHash: string;
  /** What the device that asked shows, for another one. */
  readonly codeHash: string;
  /** The browser that asked; null for the link that `npm start` prints, which is bound to none. */
  readonly bindingHash: string | null;
  /** What a caller that is no browser keeps. */
  readonly requestIdHash: string | null;
  readonly issuedAt: Date;
  readonly expiresAt: Date;
  readonly usedAt: Date | null;
  /** How often it was tried, right or wrong. */
  readonly tries: number;
  /** When mails went to this address lately. */
  readonly mails: readonly Date[];
  readonly removeAt: Date;
}

const schema = new Schema<SignInLinkDocument>(
  {
    _id: { type: String, required: true },
    schemaVersion: { type: Number, required: true },
    version: { type: Number, required: true },
    email: { type: String, required: true },
    tokenHash: { type: String, required: true },
    codeHash: { type: String, required: true },
    bindingHash: String,
    requestIdHash: String,
    issuedAt: { type: Date, required: true },
    expiresAt: { type: Date, required: true },
    usedAt: Date,
    tries: { type: Number, required: true },
    mails: { type: [Date], required: true },
    removeAt: { type: Date, required: true },
  },
  { versionKey: false },
);
// SignInLinkRepository.attempt and use ask by it. Tokens are 256 random bits: two links never share one.
schema.index({ tokenHash: 1 }, { unique: true });
// SignInLinkRepository.eraseOfEmail
schema.index({ email: 1 });
// MongoDB itself removes by it.
schema.index({ removeAt: 1 }, { expireAfterSeconds: 0 });

export const SIGN_IN_LINKS: CollectionDefinition<SignInLinkDocument> = { name: 'sign_in_links', schema };
