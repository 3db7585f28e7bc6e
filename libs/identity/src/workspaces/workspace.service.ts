import type { MembershipRepository, UserRepository, Workspace, WorkspaceRepository } from '@flowmate/database';
import {
  newId,
  ResourceNotFoundError,
  type AuditAction,
  type AuditEntry,
  type AuditTrail,
  type OwnerScope,
  type Tier,
} from '@flowmate/domain';
import type { Clock } from '../clock.js';
import { DELETED_KEPT_MS } from '../erasure/kept.js';
import { QuotaExceededError } from '../identity.errors.js';
import { PersonalWorkspaceError } from './workspace.errors.js';

/** A person's own and those of others together: a list of them fits on a page. */
export const MAX_WORKSPACES = 100;

export interface WorkspaceParts {
  readonly workspaces: WorkspaceRepository;
  readonly memberships: MembershipRepository;
  readonly users: UserRepository;
  readonly audit: AuditTrail;
  readonly clock: Clock;
}

type By = Pick<AuditEntry, 'actor' | 'from'>;

/** Workspaces of people: the scopes of everything that people make. */
export class WorkspaceService {
  constructor(private readonly parts: WorkspaceParts) {}

  /** Of one person; with `isDeleted` those that can still be restored. */
  async ofUser(userId: string, { isDeleted = false } = {}): Promise<Workspace[]> {
    const memberships = await this.parts.memberships.ofUser(userId, MAX_WORKSPACES);
    const found = await this.parts.workspaces.findAll(memberships.map(({ workspaceId }) => workspaceId));
    return found.filter((workspace) => (isDeleted ? this.isRestorable(workspace) : !workspace.deletedAt));
  }

  async get({ workspaceId }: OwnerScope): Promise<Workspace> {
    const found = await this.parts.workspaces.find(workspaceId);
    if (!found || found.deletedAt) throw new ResourceNotFoundError();
    return found;
  }

  /** It begins as one that is deleted: what a process that is killed leaves behind, erasure removes. */
  async create(userId: string, name: string, by: By): Promise<Workspace> {
    const { workspaces, memberships, clock } = this.parts;
    const at = clock();
    const owner = { workspaceId: newId(at.getTime()) };
    const tier = await this.tierOf(userId);
    const made = { id: owner.workspaceId, name, kind: 'team', tier, createdBy: userId, createdAt: at } as const;
    await workspaces.ensure({ ...made, deletedAt: at });
    await memberships.add(owner, { userId, role: 'manager', since: at });
    // Counted afterwards, so that of many at once none is one too many.
    if ((await memberships.ofUser(userId, MAX_WORKSPACES + 1)).length > MAX_WORKSPACES) {
      await memberships.remove(owner, userId);
      await workspaces.erase(owner.workspaceId);
      throw new QuotaExceededError();
    }
    await this.record('workspace.created', owner, by);
    return (await workspaces.setDeleted(owner.workspaceId, undefined)) ?? made;
  }

  async rename(owner: OwnerScope, name: string, by: By): Promise<Workspace> {
    await this.get(owner);
    const renamed = await this.parts.workspaces.rename(owner.workspaceId, name);
    if (!renamed) throw new ResourceNotFoundError();
    await this.record('workspace.changed', owner, by);
    return renamed;
  }

  /** Gone for everybody at once, and for good after thirty days. */
  async delete(owner: OwnerScope, by: By): Promise<void> {
    if ((await this.get(owner)).kind === 'personal') throw new PersonalWorkspaceError();
    await this.parts.workspaces.setDeleted(owner.workspaceId, this.parts.clock());
    await this.record('workspace.deleted', owner, by);
  }

  /** For a manager of it. A personal workspace comes back with its account. */
  async restore(owner: OwnerScope, userId: string, by: By): Promise<Workspace> {
    const { workspaces, memberships, users } = this.parts;
    const [workspace, membership, user] = await Promise.all([
      workspaces.find(owner.workspaceId),
      memberships.find(owner, userId),
      users.find(userId),
    ]);
    const isManager = membership?.role === 'manager' && user !== null && user.role !== 'analyst';
    if (!workspace || !isManager || !this.isRestorable(workspace)) throw new ResourceNotFoundError();
    const restored = await workspaces.setDeleted(owner.workspaceId, undefined);
    if (!restored) throw new ResourceNotFoundError();
    await this.record('workspace.restored', owner, by);
    return restored;
  }

  private isRestorable({ deletedAt, kind }: Workspace): boolean {
    return (
      kind === 'team' && deletedAt !== undefined && deletedAt.getTime() > this.parts.clock().getTime() - DELETED_KEPT_MS
    );
  }

  /** That of the personal workspace: what an admin allowed this person, whoever's workspace he is in at the moment. */
  private async tierOf(userId: string): Promise<Tier> {
    const user = await this.parts.users.find(userId);
    const personal = user && (await this.parts.workspaces.find(user.personalWorkspaceId));
    const tier = personal?.tier ?? 'free';
    return tier === 'unlimited' ? 'team' : tier;
  }

  private record(action: AuditAction, { workspaceId }: OwnerScope, by: By): Promise<void> {
    const target = { kind: 'workspace', id: workspaceId };
    return this.parts.audit.record({ trail: workspaceId, outcome: 'done', ...by, action, target });
  }
}
