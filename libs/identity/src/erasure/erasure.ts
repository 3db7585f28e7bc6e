import {
  AgentRepository,
  ApiKeyRepository,
  IdempotencyKeyRepository,
  InviteRepository,
  MembershipRepository,
  MemoryRepository,
  OutboxRepository,
  PayloadRepository,
  RunWatch,
  SessionRepository,
  SignInLinkRepository,
  UserRepository,
  WorkspaceRepository,
  type Database,
  type User,
  type Workspace,
} from '@flowmate/database';
import { INSTANCE_TRAIL, type AuditTrail } from '@flowmate/domain';
import type { Clock } from '../clock.js';
import { MAX_WORKSPACES } from '../workspaces/workspace.service.js';
import { DELETED_KEPT_MS, ERASE_MARGIN_MS } from './kept.js';

export interface ErasureParts {
  readonly database: Database;
  readonly audit: AuditTrail;
  readonly clock: Clock;
}

/** How much is looked for at once. What is erased is not found again, so the next look finds the next. */
const BATCH = 50;
const BY_SYSTEM = { actor: { kind: 'system' as const }, outcome: 'done' as const };

/**
 * Removes every trace of accounts and workspaces that were deleted thirty days ago; `ERASURE_RULES` says what that is
 * in each collection. May be killed anywhere and run again, also by two workers at once: every step may be repeated,
 * and what the others are found by goes last.
 */
export class Erasure {
  private readonly agents: AgentRepository;
  private readonly requests: IdempotencyKeyRepository;
  private readonly payloads: PayloadRepository;
  private readonly runs: RunWatch;
  private readonly users: UserRepository;
  private readonly workspaces: WorkspaceRepository;
  private readonly memberships: MembershipRepository;
  private readonly memories: MemoryRepository;
  private readonly invites: InviteRepository;
  private readonly keys: ApiKeyRepository;
  private readonly sessions: SessionRepository;
  private readonly outbox: OutboxRepository;
  private readonly links: SignInLinkRepository;

  constructor(private readonly parts: ErasureParts) {
    const { database } = parts;
    this.agents = new AgentRepository(database);
    this.requests = new IdempotencyKeyRepository(database);
    this.payloads = new PayloadRepository(database);
    this.runs = new RunWatch(database);
    this.users = new UserRepository(database);
    this.workspaces = new WorkspaceRepository(database);
    this.memberships = new MembershipRepository(database);
    this.memories = new MemoryRepository(database);
    this.invites = new InviteRepository(database);
    this.keys = new ApiKeyRepository(database);
    this.sessions = new SessionRepository(database);
    this.outbox = new OutboxRepository(database);
    this.links = new SignInLinkRepository(database);
  }

  /** Answers how many were erased. */
  async run(signal?: AbortSignal): Promise<{ readonly users: number; readonly workspaces: number }> {
    const before = new Date(this.parts.clock().getTime() - DELETED_KEPT_MS - ERASE_MARGIN_MS);
    const users = await this.all(
      () => this.users.listErasable(before, BATCH),
      (one) => this.user(one, before),
      signal,
    );
    const workspaces = await this.all(
      () => this.workspaces.listErasable(before, BATCH),
      (one) => this.workspace(one),
      signal,
    );
    return { users, workspaces };
  }

  /** Ends when a look finds nothing, or nothing that could be erased: what came back in between stays. */
  private async all<T>(
    look: () => Promise<T[]>,
    erase: (one: T) => Promise<boolean>,
    signal?: AbortSignal,
  ): Promise<number> {
    let count = 0;
    for (;;) {
      let erased = 0;
      // oxlint-disable-next-line no-await-in-loop -- batch after batch
      for (const one of await look()) {
        signal?.throwIfAborted();
        // oxlint-disable-next-line no-await-in-loop -- one after the other, so that a kill leaves one half done
        if (await erase(one)) erased += 1;
      }
      if (erased === 0) return count;
      count += erased;
    }
  }

  private async workspace({ id }: Workspace): Promise<boolean> {
    const owner = { workspaceId: id };
    await this.keys.eraseAll(owner);
    await this.invites.eraseAll(owner);
    await this.memories.eraseAll(owner);
    await this.payloads.deleteOfWorkspace(owner);
    await this.runs.deleteOfWorkspace(owner);
    await this.agents.eraseAll(owner);
    await this.requests.eraseAll(owner);
    await this.memberships.removeAll(owner);
    const target = { kind: 'workspace', id };
    await this.parts.audit.record({ trail: INSTANCE_TRAIL, ...BY_SYSTEM, action: 'workspace.erased', target });
    return this.workspaces.erase(id);
  }

  private async user({ id, email, personalWorkspaceId, deletedAt }: User, before: Date): Promise<boolean> {
    // What is found by the address goes while the address is known. Nobody misses it who comes back after all.
    await this.outbox.eraseTo(email);
    await this.links.eraseOfEmail(email);
    await this.invites.eraseOfEmail(email);
    if (!(await this.users.forget(id, before, `erased-${id}`))) return false;
    await this.sessions.eraseOfUser(id);
    await this.keys.eraseOfUser(id);
    await this.leaveNothingBehind(id, deletedAt);
    await this.memberships.removeOfUser(id);
    const personal = await this.workspaces.find(personalWorkspaceId);
    if (personal) await this.workspace(personal);
    const target = { kind: 'user', id };
    await this.parts.audit.record({ trail: INSTANCE_TRAIL, ...BY_SYSTEM, action: 'account.erased', target });
    return this.users.erase(id);
  }

  /** Where the last member goes, nobody could ever ask for the workspace again: it goes with the next look. */
  private async leaveNothingBehind(userId: string, deletedAt: Date | undefined): Promise<void> {
    for (const owner of await this.memberships.ofUser(userId, MAX_WORKSPACES))
      // oxlint-disable-next-line no-await-in-loop -- a handful, once in the life of an account
      if ((await this.memberships.count(owner, 2)) < 2) await this.workspaces.setDeleted(owner.workspaceId, deletedAt);
  }
}
