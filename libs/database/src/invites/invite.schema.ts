import { MEMBER_ROLES, type MemberRole } from '@flowmate/domain';
import { Schema } from 'mongoose';
import type { CollectionDefinition, Owned } from '../documents/collection.js';

/** That a person with this address may join a workspace. It is gone as soon as it is used or revoked. */
export interface InviteDocument extends Owned {
  readonly _id: string;
  readonly schemaVersion: 1;
  /** As `emailAddress` of the domain writes it. */
  readonly email: string;
  readonly role: MemberRole;
  readonly tokenHash: string;
  readonly invitedBy: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  /** Who is about to join by it: nobody else can any more. */
  readonly takenBy?: string;
}

const schema = new Schema<InviteDocument>(
  {
    _id: { type: String, required: true },
    schemaVersion: { type: Number, required: true },
    workspaceId: { type: String, required: true },
    email: { type: String, required: true },
    role: { type: String, required: true, enum: MEMBER_ROLES },
    tokenHash: { type: String, required: true },
    invitedBy: { type: String, required: true },
    createdAt: { type: Date, required: true },
    expiresAt: { type: Date, required: true },
    takenBy: String,
  },
  { versionKey: false },
);
// InviteRepository.create relies on it: one for each address. list, count, find and removeOfInviter go along it.
schema.index({ workspaceId: 1, email: 1 }, { unique: true });
// InviteRepository.takeUnscoped
schema.index({ tokenHash: 1 }, { unique: true });
// InviteRepository.isInvited and eraseOfEmail
schema.index({ email: 1 });
// MongoDB itself removes by it.
schema.index({ expiresAt: 1 }, { expireAfterSeconds: 0 });

export const INVITES: CollectionDefinition<InviteDocument> = { name: 'invites', schema };
