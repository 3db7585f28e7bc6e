import { PERSON_ROLES, type PersonRole } from '@flowmate/domain';
import { Schema } from 'mongoose';
import type { CollectionDefinition } from '../documents/collection.js';

/** An account at an OpenID provider. */
export interface LinkedIdentity {
  readonly issuer: string;
  readonly subject: string;
}

/** A person. */
export interface UserDocument {
  readonly _id: string;
  readonly schemaVersion: 1;
  /** As `emailAddress` of the domain writes it. */
  readonly email: string;
  readonly role: PersonRole;
  readonly personalWorkspaceId: string;
  readonly createdAt: Date;
  /** Sessions of a lower version have ended. */
  readonly sessionVersion: number;
  readonly identities: readonly LinkedIdentity[];
  /** When the personal workspace was there for sure. Without it, the next sign-in makes what is missing. */
  readonly settledAt?: Date;
  readonly lastSignInAt?: Date;
  readonly disabledAt?: Date;
  /** Gone for everybody; erased thirty days later, unless the person comes back. */
  readonly deletedAt?: Date;
}

const identity = new Schema<LinkedIdentity>(
  { issuer: { type: String, required: true }, subject: { type: String, required: true } },
  { _id: false },
);

const schema = new Schema<UserDocument>(
  {
    _id: { type: String, required: true },
    schemaVersion: { type: Number, required: true },
    email: { type: String, required: true },
    role: { type: String, required: true, enum: PERSON_ROLES },
    personalWorkspaceId: { type: String, required: true },
    createdAt: { type: Date, required: true },
    sessionVersion: { type: Number, required: true },
    identities: { type: [identity], required: true },
    settledAt: Date,
    lastSignInAt: Date,
    disabledAt: Date,
    deletedAt: Date,
  },
  { versionKey: false },
);
// UserRepository.findByEmail; one account per address.
schema.index({ email: 1 }, { unique: true });
// UserRepository.findByIdentity; one account per identity at a provider.
schema.index(
  { 'identities.issuer': 1, 'identities.subject': 1 },
  { unique: true, partialFilterExpression: { 'identities.subject': { $exists: true } } },
);
// UserRepository.hasOtherAdmin, list by role.
schema.index({ role: 1, _id: 1 });
// UserRepository.listErasable
schema.index({ deletedAt: 1 }, { partialFilterExpression: { deletedAt: { $exists: true } } });

export const USERS: CollectionDefinition<UserDocument> = { name: 'users', schema };
