import type { ApiKeyRepository, MembershipRepository, UserRepository, WorkspaceRepository } from '@flowmate/database';
import { permissionsOfMember, type RunOrigin } from '@flowmate/domain';
import { FreshCache } from '../callers/fresh-cache.js';

/** A right that was taken away is felt at the next call of a tool that comes later than this. */
const FRESH_MS = 5_000;
/** People and keys whose runs are at work at the same time. */
const MAX_ENTRIES = 10_000;

export interface RunRightsParts {
  readonly users: Pick<UserRepository, 'find'>;
  readonly memberships: Pick<MembershipRepository, 'find'>;
  readonly workspaces: Pick<WorkspaceRepository, 'find'>;
  readonly keys: Pick<ApiKeyRepository, 'find'>;
}

/** Whether who started a run still may: asked before each call of a tool, for a run can outlive many changes. */
export class RunRights {
  private readonly known = new FreshCache<boolean>({ freshMs: FRESH_MS, maxEntries: MAX_ENTRIES });

  constructor(private readonly parts: RunRightsParts) {}

  mayAct({ workspaceId, startedBy }: Pick<RunOrigin, 'workspaceId' | 'startedBy'>): Promise<boolean> {
    const { kind, id, userId } = startedBy;
    return this.known.get(`${workspaceId} ${kind} ${id}`, () => this.ask(workspaceId, { kind, id, userId }));
  }

  private async ask(workspaceId: string, { kind, id, userId }: RunOrigin['startedBy']): Promise<boolean> {
    const owner = { workspaceId };
    const { users, memberships, workspaces, keys } = this.parts;
    const [user, membership, workspace, key] = await Promise.all([
      users.find(userId),
      memberships.find(owner, userId),
      workspaces.find(workspaceId),
      kind === 'key' ? keys.find(owner, id) : null,
    ]);
    if (!user || user.disabledAt || user.deletedAt || !membership || !workspace || workspace.deletedAt) return false;
    if (kind === 'key' && (!key || key.revokedAt)) return false;
    return permissionsOfMember(user.role, membership.role).has('runs:control');
  }
}
