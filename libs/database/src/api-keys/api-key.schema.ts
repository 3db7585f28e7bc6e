import { KEY_ROLES, type KeyRole, type Permission } from '@flowmate/domain';
import { Schema } from 'mongoose';
import type { CollectionDefinition, Owned } from '../documents/collection.js';

/** A key of a person for programs, in one workspace. The key itself is nowhere. */
export interface ApiKeyDocument extends Owned {
  readonly _id: string;
  readonly schemaVersion: 1;
  readonly ownerId: string;
  /** Of the owner in this workspace: a key is worth nothing without it. */
  readonly membershipId: string;
  readonly name: string;
  readonly role: KeyRole;
  readonly scopes: readonly Permission[];
  readonly hash: string;
  /** Its last four characters, to tell keys apart. */
  readonly hint: string;
  readonly createdAt: Date;
  readonly expiresAt?: Date;
  readonly lastUsedAt?: Date;
  readonly revokedAt?: Date;
  /** The key that takes its place; until then both are good. */
  readonly replacedBy?: string;
}

const schema = new Schema<ApiKeyDocument>(
  {
    _id: { type: String, required: true },
    schemaVersion: { type: Number, required: true },
    workspaceId: { type: String, required: true },
    ownerId: { type: String, required: true },
    membershipId: { type: String, required: true },
    name: { type: String, required: true },
    role: { type: String, required: true, enum: KEY_ROLES },
    scopes: { type: [String], required: true },
    hash: { type: String, required: true },
    hint: { type: String, required: true },
    createdAt: { type: Date, required: true },
    expiresAt: Date,
    lastUsedAt: Date,
    revokedAt: Date,
    replacedBy: String,
  },
  { versionKey: false },
);
// ApiKeyRepository.identityByHashUnscoped
schema.index({ hash: 1 }, { unique: true });
// ApiKeyRepository.list and countLive
schema.index({ workspaceId: 1, _id: 1 });
// ApiKeyRepository.eraseOfUser and revokeOfMember
schema.index({ ownerId: 1 });

export const API_KEYS: CollectionDefinition<ApiKeyDocument> = { name: 'api_keys', schema };
