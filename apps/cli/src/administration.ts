import { randomBytes } from 'node:crypto';
import { AuditChain, AuditLog } from '@flowmate/audit';
import { EncryptionEnv, integrationKeys, type Environment } from '@flowmate/config';
import {
  ApiKeyRepository,
  AuditRepository,
  InstanceRepository,
  MembershipRepository,
  SessionRepository,
  UserRepository,
  WorkspaceRepository,
  type Database,
  type User,
} from '@flowmate/database';
import { emailAddress, ID_PATTERN, type AuditTrail } from '@flowmate/domain';
import {
  AccountService,
  ApiKeyService,
  Lockdown,
  PeopleService,
  RefreshTokens,
  SessionService,
  systemClock,
} from '@flowmate/identity';
import { withDatabase } from './with-database.js';
import type { Terminal } from './terminal.js';

/** A refresh token's keys are 256 bits; these make and read none. */
const KEY_BYTES = 32;

/** The services of identity as an operator uses them: what the api does too, with the same entries in the audit trail. */
export class Administration {
  readonly audit: AuditTrail;
  readonly users: UserRepository;
  readonly memberships: MembershipRepository;
  readonly keys: ApiKeyRepository;

  constructor(
    private readonly database: Database,
    env: Environment,
  ) {
    this.audit = new AuditLog({ repository: new AuditRepository(database), chain: auditChain(env) });
    this.users = new UserRepository(database);
    this.memberships = new MembershipRepository(database);
    this.keys = new ApiKeyRepository(database);
  }

  people(): PeopleService {
    const { users, audit } = this;
    return new PeopleService({ users, workspaces: new WorkspaceRepository(this.database), audit, clock: systemClock });
  }

  /** Makes accounts for those whom an operator names, whatever the policy of sign-up says. */
  accounts(): AccountService {
    const { users, memberships, audit } = this;
    return new AccountService({
      users,
      workspaces: new WorkspaceRepository(this.database),
      memberships,
      audit,
      policy: { policy: 'invite', domains: [], adminEmail: undefined },
      isFirstAdmin: false,
      isInvited: () => Promise.resolve(true),
      isLocked: () => Promise.resolve(false),
      warn: () => Promise.resolve(),
      clock: systemClock,
    });
  }

  /** Ends sessions, and makes none. */
  sessions(): SessionService {
    const { users, audit } = this;
    const tokens = new RefreshTokens(randomBytes(KEY_BYTES), randomBytes(KEY_BYTES));
    const sessions = new SessionRepository(this.database);
    return new SessionService({ sessions, users, tokens, audit, warn: () => Promise.resolve(), clock: systemClock });
  }

  apiKeys(): ApiKeyService {
    return new ApiKeyService({ keys: this.keys, audit: this.audit, clock: systemClock });
  }

  lockdown(): Lockdown {
    const instance = new InstanceRepository(this.database);
    return new Lockdown({ instance, audit: this.audit, clock: systemClock });
  }

  /** The person whom an operator means, by id or by address. */
  async person(idOrEmail: string): Promise<User> {
    const email = emailAddress(idOrEmail);
    const found = ID_PATTERN.test(idOrEmail)
      ? await this.users.find(idOrEmail)
      : email && (await this.users.findByEmail(email));
    if (!found) throw new Error('There is no such person.');
    return found;
  }
}

/** The chain of the audit trails, with the keys of this instance. */
export function auditChain(env: Environment): AuditChain {
  const { current, previous } = integrationKeys(env.get(EncryptionEnv));
  return new AuditChain(current, previous);
}

/** Does an act of an operator. */
export function administer(terminal: Terminal, work: (administration: Administration) => Promise<void>): Promise<void> {
  return withDatabase(terminal, ({ database, env }) => work(new Administration(database, env)), [EncryptionEnv]);
}
