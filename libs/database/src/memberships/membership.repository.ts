import type { MemberRole, OwnerScope } from '@flowmate/domain';
import { trusted, type QueryFilter } from 'mongoose';
import type { Database } from '../connection/database.js';
import { SystemDocuments } from '../documents/documents.js';
import { OwnedDocuments } from '../documents/owned-documents.js';
import { isTaken } from '../documents/taken.js';
import { USERS } from '../users/user.schema.js';
import { membershipId, MEMBERSHIPS, type MembershipDocument } from './membership.schema.js';

export interface Membership {
  readonly workspaceId: string;
  readonly userId: string;
  readonly role: MemberRole;
  readonly since: Date;
}

export const membershipOf = ({ workspaceId, userId, role, since }: MembershipDocument): Membership => ({
  workspaceId,
  userId,
  role,
  since,
});

export class MembershipRepository {
  private readonly documents: OwnedDocuments<MembershipDocument>;
  /** For what belongs to a person and not to a workspace. */
  private readonly ofAllWorkspaces: SystemDocuments<MembershipDocument>;

  constructor(database: Database) {
    this.documents = new OwnedDocuments(database, MEMBERSHIPS);
    this.ofAllWorkspaces = new SystemDocuments(database, MEMBERSHIPS);
  }

  /** Answers whether the person was no member yet. May be repeated. */
  async add(owner: OwnerScope, member: { userId: string; role: MemberRole; since: Date }): Promise<boolean> {
    const _id = membershipId(owner.workspaceId, member.userId);
    try {
      await this.documents.insert(owner, { _id, schemaVersion: 1, ...member });
      return true;
    } catch (error) {
      if (isTaken(error)) return false;
      throw error;
    }
  }

  async find(owner: OwnerScope, userId: string): Promise<Membership | null> {
    const found = await this.documents.findOne(owner, { _id: membershipId(owner.workspaceId, userId) });
    return found && membershipOf(found);
  }

  async list(owner: OwnerScope, limit: number): Promise<Membership[]> {
    return (await this.documents.list(owner, {}, { sort: { _id: 1 }, limit })).map(membershipOf);
  }

  count(owner: OwnerScope, limit: number): Promise<number> {
    return this.documents.count(owner, {}, limit);
  }

  /** Whether somebody (else) can still look after the workspace: a manager whose account is good for it. */
  hasManager({ workspaceId }: OwnerScope, otherThan?: string): Promise<boolean> {
    return this.hasMember(
      { workspaceId, role: 'manager', ...(otherThan !== undefined && { userId: trusted({ $ne: otherThan }) }) },
      { role: { $in: ['admin', 'manager'] }, disabledAt: { $exists: false }, deletedAt: { $exists: false } },
    );
  }

  /** Whether somebody else belongs there who has not deleted his account. */
  hasOther({ workspaceId }: OwnerScope, than: string): Promise<boolean> {
    return this.hasMember({ workspaceId, userId: trusted({ $ne: than }) }, { deletedAt: { $exists: false } });
  }

  async setRole(owner: OwnerScope, userId: string, role: MemberRole): Promise<boolean> {
    return this.documents.update(owner, { _id: membershipId(owner.workspaceId, userId) }, { $set: { role } });
  }

  remove(owner: OwnerScope, userId: string): Promise<boolean> {
    return this.documents.delete(owner, { _id: membershipId(owner.workspaceId, userId) });
  }

  removeAll(owner: OwnerScope): Promise<number> {
    return this.documents.deleteAll(owner);
  }

  /** All workspaces of one person. */
  async ofUser(userId: string, limit: number): Promise<Membership[]> {
    return (await this.ofAllWorkspaces.list({ userId }, { sort: { _id: 1 }, limit })).map(membershipOf);
  }

  removeOfUser(userId: string): Promise<number> {
    return this.ofAllWorkspaces.deleteAll({ userId });
  }

  private async hasMember(
    filter: QueryFilter<MembershipDocument>,
    user: Readonly<Record<string, object>>,
  ): Promise<boolean> {
    const members = await this.ofAllWorkspaces.join<MembershipDocument>(filter, [
      { $lookup: { from: USERS.name, localField: 'userId', foreignField: '_id', as: 'users' } },
      { $match: { users: { $elemMatch: user } } },
      { $limit: 1 },
    ]);
    return members.length > 0;
  }
}
