import { MEMBER_ROLES, type MemberRole } from '@flowmate/domain';
import { Schema } from 'mongoose';
import type { CollectionDefinition, Owned } from '../documents/collection.js';

/** That a person belongs to a workspace. */
export interface MembershipDocument extends Owned {
  /** {@link membershipId}: a person belongs to a workspace once. */
  readonly _id: string;
  readonly schemaVersion: 1;
  readonly userId: string;
  readonly role: MemberRole;
  readonly since: Date;
}

export const membershipId = (workspaceId: string, userId: string): string => `${workspaceId}.${userId}`;

const schema = new Schema<MembershipDocument>(
  {
    _id: { type: String, required: true },
    schemaVersion: { type: Number, required: true },
    workspaceId: { type: String, required: true },
    userId: { type: String, required: true },
    role: { type: String, required: true, enum: MEMBER_ROLES },
    since: { type: Date, required: true },
  },
  { versionKey: false },
);
// MembershipRepository.list, hasManager and hasOther
schema.index({ workspaceId: 1, _id: 1 });
// MembershipRepository.ofUser, and the join of SessionRepository.identity
schema.index({ userId: 1, _id: 1 });

export const MEMBERSHIPS: CollectionDefinition<MembershipDocument> = { name: 'memberships', schema };
