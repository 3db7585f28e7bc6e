import type {
  MembershipRepository,
  SessionRepository,
  User,
  UserRepository,
  WorkspaceRepository,
} from '@flowmate/database';
import { INSTANCE_TRAIL, ResourceNotFoundError, type AuditEntry, type AuditTrail } from '@flowmate/domain';
import type { Clock } from '../clock.js';
import { LastAdminError } from '../identity.errors.js';
import { LastManagerError } from '../workspaces/workspace.errors.js';
import { MAX_WORKSPACES } from '../workspaces/workspace.service.js';
import { DELETED_KEPT_MS } from './kept.js';

export interface AccountDeletionParts {
  readonly users: UserRepository;
  readonly workspaces: WorkspaceRepository;
  readonly memberships: MembershipRepository;
  readonly sessions: SessionRepository;
  readonly audit: AuditTrail;
  readonly clock: Clock;
  /** Tells the person until when it can be taken back. */
  readonly tell: (email: string, until: Date) => Promise<void>;
}

/** A person goes: at once for everybody, for good after thirty days, and back by signing in until then. */
export class AccountDeletion {
  constructor(private readonly parts: AccountDeletionParts) {}

  async delete(userId: string, by: Pick<AuditEntry, 'actor' | 'from'>): Promise<void> {
    const { users, sessions, clock, audit, tell } = this.parts;
    const user = await users.find(userId);
    if (!user || user.deletedAt) throw new ResourceNotFoundError();
    await this.keepAnAdmin(user);
    const alone = await this.workspacesOfNobodyElse(user);
    const at = clock();
    await users.setDeleted(userId, at);
    // Of two admins, or managers, who go at once, each sees afterwards that nobody is left, and stays.
    try {
      await this.keepAnAdmin(user);
      await this.workspacesOfNobodyElse(user);
    } catch (error) {
      await users.setDeleted(userId, undefined);
      throw error;
    }
    for (const id of alone) await this.parts.workspaces.setDeleted(id, at);
    await sessions.endAll(userId, { at, reason: 'all_ended' });
    const target = { kind: 'user', id: userId };
    await audit.record({ trail: INSTANCE_TRAIL, outcome: 'done', ...by, action: 'account.deleted', target });
    await tell(user.email, new Date(at.getTime() + DELETED_KEPT_MS));
  }

  private async keepAnAdmin({ id, role }: User): Promise<void> {
    if (role === 'admin' && !(await this.parts.users.hasOtherAdmin(id))) throw new LastAdminError();
  }

  /** The personal one, and others without any other member. Where others would be left without a manager, nobody goes. */
  private async workspacesOfNobodyElse({ id, personalWorkspaceId }: User): Promise<string[]> {
    const { memberships } = this.parts;
    const alone = [personalWorkspaceId];
    for (const { workspaceId, role } of await memberships.ofUser(id, MAX_WORKSPACES)) {
      if (workspaceId === personalWorkspaceId) continue;
      // oxlint-disable-next-line no-await-in-loop -- a handful, once in the life of an account
      if (!(await memberships.hasOther({ workspaceId }, id))) alone.push(workspaceId);
      // oxlint-disable-next-line no-await-in-loop -- see above
      else if (role === 'manager' && !(await memberships.hasManager({ workspaceId }, id))) throw new LastManagerError();
    }
    return alone;
  }
}
