import type {
  AgentRepository,
  ApiKeyRepository,
  AuditEntryDocument,
  AuditRepository,
  InviteRepository,
  MembershipRepository,
  MemoryRepository,
  PayloadRepository,
  RunReader,
  SessionRepository,
  UserRepository,
  WorkspaceRepository,
} from '@flowmate/database';
import { INSTANCE_TRAIL, ResourceNotFoundError, type OwnerScope } from '@flowmate/domain';
import type { Clock } from '../clock.js';
import { MAX_INVITES } from '../workspaces/invite.service.js';
import { MAX_MEMBERS } from '../workspaces/member.service.js';
import { MAX_WORKSPACES } from '../workspaces/workspace.service.js';

export interface DataExportParts {
  readonly users: UserRepository;
  readonly workspaces: WorkspaceRepository;
  readonly memberships: MembershipRepository;
  readonly sessions: SessionRepository;
  readonly keys: ApiKeyRepository;
  readonly invites: InviteRepository;
  readonly trails: AuditRepository;
  readonly memories: MemoryRepository;
  readonly agents: AgentRepository;
  readonly runs: RunReader;
  readonly payloads: PayloadRepository;
  readonly clock: Clock;
}

/** One thing of somebody's: a line of the file. What proves who somebody is, hashes too, is in none. */
export type ExportedRecord = Readonly<Record<string, unknown>> & { readonly type: string };

/** Read page by page, so that no export fills the memory. */
const PAGE = 100;

/** A run may be two megabytes, a text of one eight. */
const FEW = 4;

/** Everything that is kept about a person or of a workspace. */
export class DataExport {
  constructor(private readonly parts: DataExportParts) {}

  /** What a person did and owns, and nothing of anybody else. */
  async *ofAccount(userId: string): AsyncGenerator<ExportedRecord> {
    const { users, memberships, sessions, clock } = this.parts;
    const user = await users.find(userId);
    if (!user) throw new ResourceNotFoundError();
    const { sessionVersion, settledAt, ...account } = user;
    yield { type: 'account', ...account };
    for (const { refreshHash, previousHash, ...session } of await sessions.listOpen(userId, sessionVersion, clock()))
      yield { type: 'session', ...session };
    for (const membership of await memberships.ofUser(userId, MAX_WORKSPACES)) {
      const owner = { workspaceId: membership.workspaceId };
      yield { type: 'membership', ...membership };
      for await (const key of this.keys(owner)) if (key['ownerId'] === userId) yield key;
      yield* this.trail(owner.workspaceId, userId);
    }
    yield* this.trail(INSTANCE_TRAIL, userId);
  }

  /** What belongs to a workspace, for its managers. */
  async *ofWorkspace(owner: OwnerScope): AsyncGenerator<ExportedRecord> {
    const { workspaces, memberships, users, invites, clock } = this.parts;
    const workspace = await workspaces.find(owner.workspaceId);
    if (!workspace) throw new ResourceNotFoundError();
    yield { type: 'workspace', ...workspace };
    const members = await memberships.list(owner, MAX_MEMBERS);
    const people = await users.findAll(members.map(({ userId }) => userId));
    const emails = new Map(people.filter(({ deletedAt }) => !deletedAt).map(({ id, email }) => [id, email]));
    // Who has deleted his account is gone for everybody.
    for (const member of members.filter(({ userId }) => emails.has(userId)))
      yield { type: 'member', ...member, email: emails.get(member.userId) };
    for (const invite of await invites.list(owner, clock(), MAX_INVITES)) yield { type: 'invite', ...invite };
    yield* this.keys(owner);
    yield* this.agents(owner);
    yield* this.memories(owner);
    yield* this.runs(owner);
    yield* this.trail(owner.workspaceId);
  }

  /** Each with all its versions, the newest first. */
  private async *agents(owner: OwnerScope): AsyncGenerator<ExportedRecord> {
    let before: string | undefined;
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop -- page after page is what keeps memory constant
      const page = await this.parts.agents.list(owner, {}, { limit: PAGE, before });
      for (const { id } of page) yield* this.versions(owner, id);
      before = page.at(-1)?.id;
      if (page.length < PAGE) return;
    }
  }

  private async *versions(owner: OwnerScope, agentId: string): AsyncGenerator<ExportedRecord> {
    let before: number | undefined;
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop -- see above
      const page = (await this.parts.agents.listVersions(owner, agentId, { limit: PAGE, before })) ?? [];
      for (const version of page) yield { type: 'agent_version', ...version };
      before = page.at(-1)?.version;
      if (page.length < PAGE) return;
    }
  }

  private async *memories(owner: OwnerScope): AsyncGenerator<ExportedRecord> {
    let after: string | undefined;
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop -- see above
      const page = await this.parts.memories.list(owner, { limit: PAGE, ...(after !== undefined && { after }) });
      for (const memory of page) yield { type: 'memory', ...memory };
      after = page.at(-1)?.id;
      if (page.length < PAGE) return;
    }
  }

  private async *runs(owner: OwnerScope): AsyncGenerator<ExportedRecord> {
    let after = '';
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop -- see above
      const page = await this.parts.runs.listWhole(owner, after, FEW);
      for (const run of page) {
        yield { type: 'run', ...run };
        yield* this.payloads(owner, run.id);
      }
      after = page.at(-1)?.id ?? '';
      if (page.length < FEW) return;
    }
  }

  private async *payloads(owner: OwnerScope, runId: string): AsyncGenerator<ExportedRecord> {
    let after: string | undefined;
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop -- see above
      const page = await this.parts.payloads.listOfRun(owner, runId, { after, limit: FEW });
      for (const text of page) yield { type: 'run_text', runId, ...text };
      after = page.at(-1)?.ref;
      if (page.length < FEW) return;
    }
  }

  private async *keys(owner: OwnerScope): AsyncGenerator<ExportedRecord> {
    let before: string | undefined;
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop -- see above
      const page = await this.parts.keys.list(owner, { limit: PAGE, ...(before !== undefined && { before }) });
      for (const key of page) yield { type: 'api_key', ...key };
      before = page.at(-1)?.id;
      if (page.length < PAGE) return;
    }
  }

  private async *trail(trail: string, actor?: string): AsyncGenerator<ExportedRecord> {
    let beforeSeq: number | undefined;
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop -- see above
      const page = await this.parts.trails.page(trail, { actor }, { beforeSeq, limit: PAGE });
      for (const entry of page) yield auditRecord(entry);
      beforeSeq = page.at(-1)?.seq;
      if (page.length < PAGE) return;
    }
  }
}

function auditRecord({
  trail,
  seq,
  at,
  action,
  actor,
  target,
  outcome,
  from,
  details,
}: AuditEntryDocument): ExportedRecord {
  return { type: 'audit', trail, seq, at, action, actor, target, outcome, from, details };
}
