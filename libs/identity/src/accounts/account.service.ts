import type {
  LinkedIdentity,
  MembershipRepository,
  User,
  UserRepository,
  WorkspaceRepository,
} from '@flowmate/database';
import {
  admits,
  INSTANCE_TRAIL,
  newId,
  type AuditEntry,
  type AuditTrail,
  type PersonRole,
  type SignUpPolicy,
} from '@flowmate/domain';
import type { Clock } from '../clock.js';
import { AccountDisabledError, SignUpClosedError } from '../identity.errors.js';
import type { Device } from '../sessions/device.js';

export interface AccountParts {
  readonly users: UserRepository;
  readonly workspaces: WorkspaceRepository;
  readonly memberships: MembershipRepository;
  readonly audit: AuditTrail;
  readonly policy: SignUpPolicy;
  /** In development, whoever comes first is the admin; never in production. */
  readonly isFirstAdmin: boolean;
  /** Whether somebody has invited this address. */
  readonly isInvited: (email: string) => Promise<boolean>;
  /** Whether new accounts are made at all at the moment. */
  readonly isLocked: () => Promise<boolean>;
  readonly clock: Clock;
}

export interface ProvenPerson {
  /** In the domain's form, and proven to be this person's. */
  readonly email: string;
  readonly from: Device;
  /** How it was proven. */
  readonly via: 'link' | 'oidc';
  readonly identity?: LinkedIdentity;
  /** What an OpenID provider says the person may be here. */
  readonly role?: PersonRole;
}

const PERSONAL_WORKSPACE = 'Personal';

type By = Pick<AuditEntry, 'actor' | 'from'>;
/** Whoever proves an address makes the account, and is nobody yet. */
const SELF: By = { actor: { kind: 'system' } };

interface NewPerson {
  readonly role: PersonRole;
  readonly identity?: LinkedIdentity | undefined;
  readonly by: By;
  readonly details?: Readonly<Record<string, string>>;
}

/** Accounts: found by a proven address, made when the instance admits it. */
export class AccountService {
  constructor(private readonly parts: AccountParts) {}

  /** The account of somebody who has proven an address, with everything it needs. */
  async enter(person: ProvenPerson): Promise<User> {
    const { via, from } = person;
    const known = await this.known(person);
    const user = known ? await this.welcomeBack(known) : await this.make(person);
    const settled = user.settledAt ? user : await this.settle(user);
    const promoted = await this.withRole(settled, person);
    const at = this.parts.clock();
    await this.parts.audit.record({
      trail: INSTANCE_TRAIL,
      action: 'auth.signed_in',
      actor: { kind: 'user', id: user.id },
      outcome: 'done',
      from,
      details: { via },
    });
    return (await this.parts.users.signedIn(promoted.id, at)) ?? promoted;
  }

  /** Makes an account for somebody who has not been here yet; who came in at that moment keeps the role he has. */
  async provide(email: string, role: PersonRole, by: By): Promise<User> {
    return this.settle(await this.insert(email, { role, by, details: { role } }));
  }

  private async known({ email, identity }: ProvenPerson): Promise<User | null> {
    const linked = identity ? await this.parts.users.findByIdentity(identity) : null;
    if (linked) return linked;
    const user = await this.parts.users.findByEmail(email);
    if (!user || !identity) return user;
    return (await this.parts.users.link(user.id, identity)) ?? user;
  }

  /** Who comes back within thirty days has never been away. */
  private async welcomeBack(user: User): Promise<User> {
    if (user.disabledAt) throw new AccountDisabledError();
    if (!user.deletedAt) return user;
    const restored = await this.parts.users.setDeleted(user.id, undefined);
    await this.parts.workspaces.setDeleted(user.personalWorkspaceId, undefined);
    await this.record('account.restored', user.id);
    return restored ?? user;
  }

  private async make({ email, identity, role }: ProvenPerson): Promise<User> {
    const isWelcome =
      !(await this.parts.isLocked()) && (admits(this.parts.policy, email) || (await this.parts.isInvited(email)));
    if (!isWelcome) throw new SignUpClosedError();
    const isFirst = this.parts.isFirstAdmin && (await this.parts.users.isEmpty());
    return this.insert(email, { role: role ?? (isFirst ? 'admin' : 'manager'), identity, by: SELF });
  }

  /** The address decides: of two that come at once, both end up with the one account. */
  private async insert(email: string, { role, identity, by, details }: NewPerson): Promise<User> {
    const createdAt = this.parts.clock();
    const user: User = {
      id: newId(createdAt.getTime()),
      email,
      role,
      personalWorkspaceId: newId(createdAt.getTime()),
      createdAt,
      sessionVersion: 1,
      identities: identity ? [identity] : [],
    };
    if (await this.parts.users.create(user)) {
      await this.record('account.created', user.id, { by, details });
      return user;
    }
    const existing = await this.parts.users.findByEmail(email);
    if (!existing) throw new Error('An account was there and is gone.');
    return existing;
  }

  /** Each step may have been done by a sign-in that was cut off; each may be repeated. */
  private async settle(user: User): Promise<User> {
    const { users, workspaces, memberships } = this.parts;
    const at = this.parts.clock();
    const workspaceId = user.personalWorkspaceId;
    await workspaces.ensure({
      id: workspaceId,
      name: PERSONAL_WORKSPACE,
      kind: 'personal',
      // Whoever sets an instance up for himself is not to be held short by it.
      tier: (await workspaces.isEmpty()) ? 'team' : 'free',
      createdBy: user.id,
      createdAt: at,
    });
    await memberships.add({ workspaceId }, { userId: user.id, role: 'manager', since: at });
    return (await users.settled(user.id, at)) ?? user;
  }

  /** ADMIN_EMAIL is the admin as long as nobody else is; a provider's word counts at every sign-in. */
  private async withRole(user: User, { role }: ProvenPerson): Promise<User> {
    const isFounder = user.email === this.parts.policy.adminEmail && !(await this.parts.users.hasOtherAdmin());
    const due = isFounder ? 'admin' : role;
    if (due === undefined || due === user.role) return user;
    if (user.role === 'admin' && !(await this.parts.users.hasOtherAdmin(user.id))) return user;
    await this.record('user.role_changed', user.id, { details: { role: due } });
    return (await this.parts.users.setRole(user.id, due)) ?? user;
  }

  private record(
    action: 'account.created' | 'account.restored' | 'user.role_changed',
    id: string,
    { by = SELF, details = {} }: Partial<Pick<NewPerson, 'by' | 'details'>> = {},
  ): Promise<void> {
    const target = { kind: 'user', id };
    return this.parts.audit.record({ trail: INSTANCE_TRAIL, action, ...by, target, outcome: 'done', details });
  }
}
