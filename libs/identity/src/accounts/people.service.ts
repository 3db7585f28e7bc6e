import type { User, UserFilter, UserRepository, WorkspaceRepository } from '@flowmate/database';
import {
  INSTANCE_TRAIL,
  ResourceNotFoundError,
  type AuditAction,
  type AuditEntry,
  type AuditTrail,
  type PersonRole,
  type Tier,
} from '@flowmate/domain';
import type { Clock } from '../clock.js';
import { keepingAnAdmin } from './keeping-an-admin.js';

export interface PeopleParts {
  readonly users: UserRepository;
  readonly workspaces: WorkspaceRepository;
  readonly audit: AuditTrail;
  readonly clock: Clock;
}

export interface PersonChange {
  readonly role?: PersonRole;
  readonly isDisabled?: boolean;
  /** Of the personal workspace. */
  readonly tier?: Tier;
}

type By = Pick<AuditEntry, 'actor' | 'from'>;

/** What an administrator does with the people of an instance. */
export class PeopleService {
  constructor(private readonly parts: PeopleParts) {}

  list(filter: UserFilter): Promise<User[]> {
    return this.parts.users.list(filter);
  }

  async get(id: string): Promise<User> {
    const user = await this.parts.users.find(id);
    if (!user) throw new ResourceNotFoundError();
    return user;
  }

  /** Felt by the person within five seconds. */
  async change(id: string, { role, isDisabled, tier }: PersonChange, by: By): Promise<User> {
    let user = await this.get(id);
    if (role !== undefined && role !== user.role) user = await this.setRole(user, role, by);
    if (isDisabled !== undefined && isDisabled !== Boolean(user.disabledAt))
      user = await this.setDisabled(user, isDisabled, by);
    if (tier !== undefined) await this.setTier(user, tier, by);
    return user;
  }

  private async setRole(user: User, role: PersonRole, by: By): Promise<User> {
    const { users } = this.parts;
    const changed = await keepingAnAdmin(users, user, {
      change: () => users.setRole(user.id, role),
      undo: () => users.setRole(user.id, 'admin'),
    });
    await this.record('user.role_changed', user.id, by, { from: user.role, to: role });
    return changed;
  }

  private async setDisabled(user: User, isDisabled: boolean, by: By): Promise<User> {
    const at = isDisabled ? this.parts.clock() : undefined;
    const change = (): Promise<User | null> => this.parts.users.setDisabled(user.id, at);
    const undo = (): Promise<User | null> => this.parts.users.setDisabled(user.id, undefined);
    const changed = isDisabled
      ? await keepingAnAdmin(this.parts.users, user, { change, undo })
      : ((await change()) ?? user);
    await this.record(isDisabled ? 'user.disabled' : 'user.enabled', user.id, by);
    return changed;
  }

  private async setTier(user: User, tier: Tier, by: By): Promise<void> {
    await this.parts.workspaces.setTier(user.personalWorkspaceId, tier);
    await this.record('user.tier_changed', user.id, by, { to: tier });
  }

  private record(
    action: AuditAction,
    id: string,
    by: By,
    details: Readonly<Record<string, string>> = {},
  ): Promise<void> {
    const target = { kind: 'user', id };
    return this.parts.audit.record({ trail: INSTANCE_TRAIL, outcome: 'done', ...by, action, target, details });
  }
}
