import type {
  ApiKeyRepository,
  InviteRepository,
  Membership,
  MembershipRepository,
  UserRepository,
} from '@flowmate/database';
import {
  MEMBER_ROLES,
  ResourceNotFoundError,
  type AuditAction,
  type AuditEntry,
  type AuditTrail,
  type MemberRole,
  type OwnerScope,
  type PersonRole,
  type Principal,
} from '@flowmate/domain';
import type { Clock } from '../clock.js';
import { LastManagerError, RoleAboveOwnError } from './workspace.errors.js';

/** A list of them is one answer. */
export const MAX_MEMBERS = 500;

export interface Member extends Membership {
  readonly email: string;
}

export interface MemberParts {
  readonly memberships: MembershipRepository;
  readonly invites: InviteRepository;
  readonly keys: ApiKeyRepository;
  readonly users: UserRepository;
  readonly audit: AuditTrail;
  readonly clock: Clock;
}

type By = Pick<AuditEntry, 'actor' | 'from'>;

/** A role that somebody with this one may give. */
export function grantable(role: PersonRole, by: Pick<Principal, 'role'>): MemberRole {
  const isMemberRole = (MEMBER_ROLES as readonly PersonRole[]).includes(role);
  if (!isMemberRole || (role === 'manager' && by.role !== 'manager')) throw new RoleAboveOwnError();
  return role as MemberRole;
}

/** Who belongs to a workspace. */
export class MemberService {
  constructor(private readonly parts: MemberParts) {}

  async list(owner: OwnerScope): Promise<Member[]> {
    const memberships = await this.parts.memberships.list(owner, MAX_MEMBERS);
    const users = await this.parts.users.findAll(memberships.map(({ userId }) => userId));
    const known = new Map(users.filter(({ deletedAt }) => !deletedAt).map((user) => [user.id, user.email]));
    return memberships.flatMap((one) => {
      const email = known.get(one.userId);
      return email === undefined ? [] : [{ ...one, email }];
    });
  }

  async setRole(principal: Principal, userId: string, role: PersonRole, by: By): Promise<Member> {
    const granted = grantable(role, principal);
    const member = await this.get(principal, userId);
    const set = (to: MemberRole) => this.parts.memberships.setRole(principal, userId, to);
    if (granted !== member.role) {
      await this.keepingAManager(
        principal,
        member,
        () => set(granted),
        () => set(member.role),
      );
      if (member.role === 'manager') await this.parts.invites.removeOfInviter(principal, userId);
      await this.record('member.role_changed', principal, userId, {
        ...by,
        details: { from: member.role, to: granted },
      });
    }
    return { ...member, role: granted };
  }

  async remove(owner: OwnerScope, userId: string, by: By): Promise<void> {
    await this.end(owner, userId, { ...by, action: by.actor.id === userId ? 'member.left' : 'member.removed' });
  }

  private async end(owner: OwnerScope, userId: string, { action, ...by }: By & { action: AuditAction }): Promise<void> {
    const { memberships, invites, keys, clock } = this.parts;
    const member = await this.get(owner, userId);
    // Before the membership, so that an invite which the person still has does not open the door again.
    await invites.removeOfEmail(owner, member.email);
    const { role, since } = member;
    await this.keepingAManager(
      owner,
      member,
      () => memberships.remove(owner, userId),
      () => memberships.add(owner, { userId, role, since }),
    );
    // He may have invited another address of his own.
    await invites.removeOfInviter(owner, userId);
    await keys.revokeOfMember(owner, userId, clock());
    await this.record(action, owner, userId, by);
  }

  private async get(owner: OwnerScope, userId: string): Promise<Member> {
    const [membership, user] = await Promise.all([
      this.parts.memberships.find(owner, userId),
      this.parts.users.find(userId),
    ]);
    if (!membership || !user) throw new ResourceNotFoundError();
    return { ...membership, email: user.email };
  }

  /** Looks before and after: of two who step down at once, each sees afterwards that nobody is left, and goes back. */
  private async keepingAManager(
    owner: OwnerScope,
    { role, userId }: Member,
    change: () => Promise<unknown>,
    undo: () => Promise<unknown>,
  ): Promise<void> {
    const isManager = role === 'manager';
    if (isManager && !(await this.parts.memberships.hasManager(owner, userId))) throw new LastManagerError();
    await change();
    if (!isManager || (await this.parts.memberships.hasManager(owner))) return;
    await undo();
    throw new LastManagerError();
  }

  private record(
    action: AuditAction,
    { workspaceId }: OwnerScope,
    userId: string,
    by: By & Pick<AuditEntry, 'details'>,
  ): Promise<void> {
    const target = { kind: 'user', id: userId };
    return this.parts.audit.record({ trail: workspaceId, outcome: 'done', ...by, action, target });
  }
}
