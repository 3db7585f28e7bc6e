import { randomToken, tokenHash } from '@flowmate/crypto';
import type {
  Invite,
  InviteRepository,
  MembershipRepository,
  UserRepository,
  Workspace,
  WorkspaceRepository,
} from '@flowmate/database';
import {
  newId,
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
import { QuotaExceededError } from '../identity.errors.js';
import { grantable, MAX_MEMBERS } from './member.service.js';
import { MAX_WORKSPACES } from './workspace.service.js';
import { AlreadyMemberError, InviteRaceError, PersonalWorkspaceError } from './workspace.errors.js';

const DAY_MS = 86_400_000;
/** Long enough for a holiday weekend, short enough that a forgotten one is no way in. */
export const INVITE_DAYS = 7;
/** More at once is a mailing list. */
export const MAX_INVITES = 50;
/** Of 256 random bits, as `randomToken` writes them. */
export const INVITE_TOKEN_PATTERN = /^[A-Za-z0-9_-]{43}$/;

export interface InviteMail {
  readonly to: string;
  readonly workspace: string;
  readonly inviter: string;
  readonly role: MemberRole;
  readonly token: string;
  readonly days: number;
  readonly notAfter: Date;
}

export interface InviteParts {
  readonly invites: InviteRepository;
  readonly memberships: MembershipRepository;
  readonly workspaces: WorkspaceRepository;
  readonly users: UserRepository;
  readonly audit: AuditTrail;
  readonly clock: Clock;
  /** Puts the mail where it is sent from. The token is nowhere else. */
  readonly send: (mail: InviteMail) => Promise<void>;
}

type By = Pick<AuditEntry, 'actor' | 'from'>;

/** How people get into workspaces of others: by a mail to one address, for somebody who has proven that address. */
export class InviteService {
  constructor(private readonly parts: InviteParts) {}

  list(owner: OwnerScope): Promise<Invite[]> {
    return this.parts.invites.list(owner, this.parts.clock(), MAX_INVITES);
  }

  /** Of two for one address the newer one counts: the older token is worth nothing any more. */
  async invite(principal: Principal, wanted: { email: string; role: PersonRole }, by: By): Promise<Invite> {
    const { invites, clock } = this.parts;
    const role = grantable(wanted.role, principal);
    const workspace = await this.openWorkspace(principal);
    if (workspace.kind === 'personal') throw new PersonalWorkspaceError();
    await this.refuseMember(principal, wanted.email);
    await invites.removeOfEmail(principal, wanted.email);
    const now = clock();
    const token = randomToken();
    const expiresAt = new Date(now.getTime() + INVITE_DAYS * DAY_MS);
    const invite = {
      id: newId(now.getTime()),
      email: wanted.email,
      role,
      invitedBy: principal.userId,
      createdAt: now,
      expiresAt,
    };
    if (!(await invites.create(principal, invite, tokenHash(token)))) throw new InviteRaceError();
    if ((await invites.count(principal, MAX_INVITES + 1)) > MAX_INVITES) {
      await invites.remove(principal, invite.id);
      throw new QuotaExceededError();
    }
    const { email: inviter, workspaceId } = principal;
    await this.parts.send({
      to: wanted.email,
      workspace: workspace.name,
      inviter,
      role,
      token,
      days: INVITE_DAYS,
      notAfter: expiresAt,
    });
    await this.record('member.invited', principal, { kind: 'invite', id: invite.id }, by);
    return { ...invite, workspaceId };
  }

  async revoke(owner: OwnerScope, id: string, by: By): Promise<void> {
    if (!(await this.parts.invites.remove(owner, id))) throw new ResourceNotFoundError();
    await this.record('member.invite_revoked', owner, { kind: 'invite', id }, by);
  }

  /**
   * Whatever is wrong with a token is one answer. It is taken first, then the person is a member, then it is gone: who
   * is cut off in between may use it once more, and nobody else can.
   */
  async accept(principal: Principal, token: string, by: By): Promise<{ workspace: Workspace; role: MemberRole }> {
    const { invites, memberships, clock } = this.parts;
    const { userId, email } = principal;
    const invite = await invites.takeUnscoped(tokenHash(token), { userId, email }, clock());
    if (!invite) throw new ResourceNotFoundError();
    const owner = { workspaceId: invite.workspaceId };
    const workspace = await this.openWorkspace(owner);
    const isNew = await memberships.add(owner, { userId, role: invite.role, since: clock() });
    if (isNew) {
      await this.refuseTooMany(owner, userId);
      await this.record('member.joined', owner, { kind: 'user', id: userId }, by);
    }
    await invites.remove(owner, invite.id);
    return { workspace, role: isNew ? invite.role : ((await memberships.find(owner, userId))?.role ?? invite.role) };
  }

  private async refuseTooMany(owner: OwnerScope, userId: string): Promise<void> {
    const { memberships } = this.parts;
    const [members, workspaces] = await Promise.all([
      memberships.count(owner, MAX_MEMBERS + 1),
      memberships.ofUser(userId, MAX_WORKSPACES + 1),
    ]);
    if (members <= MAX_MEMBERS && workspaces.length <= MAX_WORKSPACES) return;
    await memberships.remove(owner, userId);
    throw new QuotaExceededError();
  }

  private async refuseMember(owner: OwnerScope, email: string): Promise<void> {
    const user = await this.parts.users.findByEmail(email);
    if (user && (await this.parts.memberships.find(owner, user.id))) throw new AlreadyMemberError();
  }

  private async openWorkspace({ workspaceId }: OwnerScope): Promise<Workspace> {
    const found = await this.parts.workspaces.find(workspaceId);
    if (!found || found.deletedAt) throw new ResourceNotFoundError();
    return found;
  }

  private record(action: AuditAction, { workspaceId }: OwnerScope, target: { kind: string; id: string }, by: By) {
    return this.parts.audit.record({ trail: workspaceId, outcome: 'done', ...by, action, target });
  }
}
