import { Schema } from 'mongoose';
import type { CollectionDefinition } from '../documents/collection.js';

/** A sign-in at an OpenID provider that is under way. It belongs to nobody yet. */
export interface OidcFlowDocument {
  /** The hash of its state. */
  readonly _id: string;
  readonly schemaVersion: 1;
  /** The nonce and the verifier of PKCE, unreadable in the store. */
  readonly sealed: string;
  /** The hash of what only the browser that began it has. */
  readonly bindingHash: string;
  readonly redirectTo: string;
  readonly expiresAt: Date;
}

const schema = new Schema<OidcFlowDocument>(
  {
    _id: { type: String, required: true },
    schemaVersion: { type: Number, required: true },
    sealed: { type: String, required: true },
    bindingHash: { type: String, required: true },
    redirectTo: { type: String, required: true },
    expiresAt: { type: Date, required: true },
  },
  { versionKey: false },
);
// MongoDB removes by it.
schema.index({ expiresAt: 1 }, { expireAfterSeconds: 0 });

export const OIDC_FLOWS: CollectionDefinition<OidcFlowDocument> = { name: 'oidc_flows', schema };
