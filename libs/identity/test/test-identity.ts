import { randomUUID } from 'node:crypto';
import { AppEnv, DatabaseEnv, loadEnv } from '@flowmate/config';
import { derivedKey } from '@flowmate/crypto';
import {
  ApiKeyRepository,
  Database,
  InstanceRepository,
  MembershipRepository,
  Migrator,
  SessionRepository,
  StreamTicketRepository,
  UserRepository,
  WorkspaceRepository,
  type User,
} from '@flowmate/database';
import type { AuditEntry, SignUpPolicy } from '@flowmate/domain';
import { createLogger } from '@flowmate/observability';
import { testStores } from '@flowmate/testing';
import {
  AccountService,
  ApiKeyService,
  Callers,
  Lockdown,
  PeopleService,
  RefreshTokens,
  SessionService,
  StreamTicketService,
  type Device,
  type WarnPerson,
} from '../src/index.js';

const OPEN: SignUpPolicy = { policy: 'open', domains: [], adminEmail: undefined };

export const DEVICE: Device = { address: '203.0.113.7', userAgent: 'a test' };

/** Everything of identity on a database of its own, with a clock that a test turns. */
export class TestIdentity {
  readonly entries: AuditEntry[] = [];
  readonly warned: string[] = [];
  readonly invited = new Set<string>();
  policy: SignUpPolicy = OPEN;
  isFirstAdmin = false;
  /** The store of the trail is away. */
  recordsNothing = false;
  /** Not in the past: the store itself removes what has expired. */
  now = new Date();
  private elapsed = 0;
  private readonly database: Database;
  readonly users: UserRepository;
  readonly workspaces: WorkspaceRepository;
  readonly memberships: MembershipRepository;
  readonly keyRepository: ApiKeyRepository;
  readonly sessionRepository: SessionRepository;

  constructor() {
    const name = `identity_${randomUUID().slice(0, 8)}`;
    const variables = { MONGODB_URI: testStores().mongoUri, MONGODB_DATABASE: name };
    const env = loadEnv([AppEnv, DatabaseEnv], { variables });
    const destination = { write: () => undefined };
    const logger = createLogger({ level: 'error', format: 'text', service: 't', environment: 'test', destination });
    this.database = new Database({ app: env.get(AppEnv), settings: env.get(DatabaseEnv), role: 'api', logger });
    this.users = new UserRepository(this.database);
    this.workspaces = new WorkspaceRepository(this.database);
    this.memberships = new MembershipRepository(this.database);
    this.keyRepository = new ApiKeyRepository(this.database);
    this.sessionRepository = new SessionRepository(this.database);
  }

  async open(): Promise<void> {
    await this.database.connect();
    await new Migrator(this.database).up();
  }

  close(): Promise<void> {
    return this.database.close();
  }

  pass(ms: number): void {
    this.now = new Date(this.now.getTime() + ms);
    this.elapsed += ms;
  }

  get accounts(): AccountService {
    const { users, workspaces, memberships, policy, isFirstAdmin } = this;
    return new AccountService({
      users,
      workspaces,
      memberships,
      policy,
      isFirstAdmin,
      audit: this.audit,
      isInvited: (email) => Promise.resolve(this.invited.has(email)),
      isLocked: () => this.lockdown().isOn(),
      warn: this.warn,
      clock: () => this.now,
    });
  }

  get sessions(): SessionService {
    const key = (purpose: string): Buffer => derivedKey('a refresh secret for tests', purpose);
    return new SessionService({
      sessions: this.sessionRepository,
      users: this.users,
      tokens: new RefreshTokens(key('hash'), key('seal')),
      audit: this.audit,
      warn: this.warn,
      clock: () => this.now,
    });
  }

  get people(): PeopleService {
    const { users, workspaces, audit } = this;
    return new PeopleService({ users, workspaces, audit, clock: () => this.now });
  }

  get keys(): ApiKeyService {
    return new ApiKeyService({ keys: this.keyRepository, audit: this.audit, clock: () => this.now });
  }

  get tickets(): StreamTicketService {
    return new StreamTicketService({ tickets: new StreamTicketRepository(this.database), clock: () => this.now });
  }

  callers(): Callers {
    return new Callers({
      sessions: this.sessionRepository,
      keys: this.keyRepository,
      clock: () => this.now,
      monotonic: () => this.elapsed,
      onError: () => undefined,
    });
  }

  lockdown(): Lockdown {
    const instance = new InstanceRepository(this.database);
    return new Lockdown({ instance, audit: this.audit, clock: () => this.now }, () => this.elapsed);
  }

  enter(email: string): Promise<User> {
    return this.accounts.enter({ email, from: DEVICE, via: 'link' });
  }

  private readonly warn: WarnPerson = ({ email }, warning) =>
    Promise.resolve(void (warning === 'sessions_ended' || this.warned.push(email)));

  private get audit() {
    return {
      record: (entry: AuditEntry) =>
        this.recordsNothing ? Promise.reject(new Error('no trail')) : Promise.resolve(void this.entries.push(entry)),
    };
  }
}
