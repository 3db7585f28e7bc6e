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
import {
  AccountDisabledError,
  LastAdminError,
  OtherIdentityError,
  InstanceLockedError,
  SignUpClosedError,
} from '../identity.errors.js';
import type { Device } from '../sessions/device.js';
import type { WarnPerson } from '../warning.js';
import { keepingAnAdmin } from './keeping-an-admin.js';

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
  readonly warn: WarnPerson;
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
  /** It says who is an admin here, and this person is none. */
  readonly isNoAdmin?: boolean;
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
    const known = await this.known(person);
    const user = known ? await this.welcomeBack(known, person) : await this.make(person);
    const settled = user.settledAt ? user : await this.settle(user);
    const promoted = await this.withRole(settled, person);
    const at = this.parts.clock();
    return (await this.parts.users.signedIn(promoted.id, at)) ?? promoted;
  }

  /** Makes an account for somebody who has not been here yet; who came in at that moment keeps the role he has. */
  async provide(email: string, role: PersonRole, by: By): Promise<User> {
    const made = await this.insert(email, { role, by, details: { role } });
    return this.settle(made ?? this.there(await this.parts.users.findByEmail(email)));
  }

  private async known(person: ProvenPerson): Promise<User | null> {
    const { email, identity } = person;
    const linked = identity ? await this.parts.users.findByIdentity(identity) : null;
    if (linked) return linked;
    const user = await this.parts.users.findByEmail(email);
    return user && identity ? this.link(user, identity, person) : user;
  }

  private async link({ id }: User, identity: LinkedIdentity, { from, via }: ProvenPerson): Promise<User> {
    const { users, audit } = this.parts;
    const linked = await users.link(id, identity);
    if (!linked) {
      // Of two sign-ins of one identity at once, the other one has linked it.
      const other = await users.findByIdentity(identity);
      if (other) return other;
      throw new OtherIdentityError();
    }
    const act = { action: 'account.linked', actor: { kind: 'user', id }, target: { kind: 'user', id } } as const;
    await audit.record({ trail: INSTANCE_TRAIL, ...act, outcome: 'done', from, details: { via } });
    await this.parts.warn(linked, 'identity_linked', from);
    return linked;
  }

  /** Who comes back within thirty days has never been away. The account itself comes last: until then this is repeated. */
  private async welcomeBack(user: User, { from, via }: ProvenPerson): Promise<User> {
    const { users, workspaces, audit } = this.parts;
    if (user.disabledAt) {
      const act = { action: 'auth.sign_in_failed', actor: { kind: 'user', id: user.id } } as const;
      await audit.record({ trail: INSTANCE_TRAIL, ...act, outcome: 'refused', from, details: { via } });
      throw new AccountDisabledError();
    }
    if (!user.deletedAt) return user;
    await workspaces.setDeleted(user.personalWorkspaceId, undefined);
    const restored = await users.setDeleted(user.id, undefined);
    await this.record('account.restored', user.id);
    return restored ?? user;
  }

  private async make(person: ProvenPerson): Promise<User> {
    const { email, identity, role } = person;
    if (await this.parts.isLocked()) throw new InstanceLockedError();
    const isWelcome = admits(this.parts.policy, email) || (await this.parts.isInvited(email));
    if (!isWelcome) throw new SignUpClosedError();
    const isFirst = this.parts.isFirstAdmin && (await this.parts.users.isEmpty());
    const made = await this.insert(email, { role: role ?? (isFirst ? 'admin' : 'manager'), identity, by: SELF });
    return made ?? this.there(await this.known(person));
  }

  /** The address and the identity decide: `null` when somebody else came first, who is then the one account of both. */
  private async insert(email: string, { role, identity, by, details }: NewPerson): Promise<User | null> {
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
    if (!(await this.parts.users.create(user))) return null;
    await this.record('account.created', user.id, { by, details });
    return user;
  }

  private there(user: User | null): User {
    if (!user) throw new Error('An account was there and is gone.');
    return user;
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
  private async withRole(user: User, { role, isNoAdmin = false }: ProvenPerson): Promise<User> {
    const { users, policy } = this.parts;
    const isFounder = user.email === policy.adminEmail && !(await users.hasOtherAdmin());
    const due = isFounder ? 'admin' : (role ?? (isNoAdmin && user.role === 'admin' ? 'manager' : user.role));
    if (due === user.role) return user;
    const change = (): Promise<User | null> => users.setRole(user.id, due);
    const undo = (): Promise<User | null> => users.setRole(user.id, user.role);
    try {
      const changed = await keepingAnAdmin(users, user, { change, undo });
      await this.record('user.role_changed', user.id, { details: { from: user.role, to: due } });
      return changed;
    } catch (error) {
      // Whoever is the last admin stays it, and comes in all the same.
      if (error instanceof LastAdminError) return user;
      throw error;
    }
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
