import { Injectable } from '@nestjs/common';
import { AuditLog } from '@flowmate/audit';
import { AgentRepository, type AgentFilter, type NamedRequest } from '@flowmate/database';
import {
  InvalidInputError,
  newId,
  outputSchemaIssues,
  ResourceNotFoundError,
  TIER_LIMITS,
  type Agent,
  type AgentDefinition,
  type AgentVersion,
  type AuditEntry,
  type OwnerScope,
  type Principal,
} from '@flowmate/domain';
import { QuotaExceededError } from '@flowmate/identity';
import { VersionMismatchError } from '../http/etag.js';
import { IdempotencyKeyReusedError } from '../idempotency/idempotency.errors.js';
import { RunDecisions } from '../runs/run-decisions.js';
import { ToolCatalog } from '../tools/tool-catalog.js';
import { ToolUnknownError } from './agents.errors.js';

type By = Pick<AuditEntry, 'actor' | 'from'>;

/** An agent that was asked for, and whether it was made just now or when the request came for the first time. */
export interface MadeAgent {
  readonly agent: Agent;
  readonly isReplayed: boolean;
}

@Injectable()
export class AgentsService {
  constructor(
    private readonly agents: AgentRepository,
    private readonly tools: ToolCatalog,
    private readonly runs: RunDecisions,
    private readonly audit: AuditLog,
  ) {}

  async create(
    caller: Principal,
    wanted: AgentDefinition,
    named: NamedRequest | undefined,
    by: By,
  ): Promise<MadeAgent> {
    await this.check(caller, wanted);
    const [id, at] = [newId(), new Date()];
    const limit = TIER_LIMITS[caller.tier].agents;
    const request = named ? { request: named } : {};
    const made = await this.agents.create(caller, {
      id,
      definition: wanted,
      createdBy: caller.userId,
      at,
      limit,
      ...request,
    });
    if (made === 'full') throw new QuotaExceededError();
    if (made === 'repeated' && named) return { agent: await this.madeFor(caller, named), isReplayed: true };
    await this.record('agent.created', caller, id, by);
    return { agent: await this.get(caller, id), isReplayed: false };
  }

  list(owner: OwnerScope, filter: AgentFilter, page: { before?: string | undefined; limit: number }): Promise<Agent[]> {
    return this.agents.list(owner, filter, page);
  }

  async get(owner: OwnerScope, id: string): Promise<Agent> {
    const found = await this.agents.find(owner, id);
    if (!found) throw new ResourceNotFoundError();
    return found;
  }

  /** `version` is the one that the change is based on. */
  async change(
    caller: Principal,
    { id, version }: Pick<Agent, 'id' | 'version'>,
    change: Partial<AgentDefinition>,
    by: By,
  ): Promise<Agent> {
    const agent = await this.get(caller, id);
    if (Object.keys(change).length === 0)
      throw new InvalidInputError([{ path: '', rule: 'notEmpty', message: 'must change something' }]);
    if (agent.version !== version) throw new VersionMismatchError();
    const definition = { ...definitionOf(agent), ...change };
    await this.check(caller, definition);
    const saved = await this.agents.save(caller, agent, { definition, by: caller.userId, at: new Date() });
    if (!saved) throw new VersionMismatchError();
    await this.record('agent.changed', caller, id, { ...by, details: { version: saved.version } });
    return saved;
  }

  async delete(caller: Principal, id: string, by: By): Promise<void> {
    if (!(await this.agents.remove(caller, id, new Date()))) throw new ResourceNotFoundError();
    await this.record('agent.deleted', caller, id, by);
    await this.runs.cancelAllOf(caller, id);
  }

  async listVersions(
    owner: OwnerScope,
    id: string,
    page: { before?: number | undefined; limit: number },
  ): Promise<AgentVersion[]> {
    const found = await this.agents.listVersions(owner, id, page);
    if (!found) throw new ResourceNotFoundError();
    return found;
  }

  async getVersion(owner: OwnerScope, id: string, version: number): Promise<AgentVersion> {
    await this.get(owner, id);
    const found = await this.agents.findVersion(owner, id, version);
    if (!found) throw new ResourceNotFoundError();
    return found;
  }

  /** What no single field shows. */
  private async check(owner: OwnerScope, { tools, policies, output }: AgentDefinition): Promise<void> {
    const issues = output ? outputSchemaIssues(output) : [];
    if (policies.some(({ tool }) => !tools.includes(tool)))
      issues.push({ path: 'policies', rule: 'isToolOfAgent', message: 'must be for tools of this agent' });
    if (issues.length > 0) throw new InvalidInputError(issues);
    if ((await this.tools.unknown(owner, tools)).length > 0) throw new ToolUnknownError();
  }

  /** As it was then: the first version never changes. */
  private async madeFor(owner: OwnerScope, { key, body }: NamedRequest): Promise<Agent> {
    const known = await this.agents.findByRequest(owner, key);
    if (known && known.body !== body) throw new IdempotencyKeyReusedError();
    const first = known && (await this.agents.findVersion(owner, known.agentId, 1));
    if (!first) throw new ResourceNotFoundError();
    const { agentId, ...rest } = first;
    return { ...rest, id: agentId, updatedAt: rest.createdAt };
  }

  private record(
    action: 'agent.created' | 'agent.changed' | 'agent.deleted',
    { workspaceId: trail }: OwnerScope,
    id: string,
    { details = {}, ...by }: By & Pick<AuditEntry, 'details'>,
  ): Promise<void> {
    return this.audit.record({ trail, action, outcome: 'done', ...by, target: { kind: 'agent', id }, details });
  }
}

const definitionOf = ({
  name,
  description,
  systemPrompt,
  model,
  tools,
  policies,
  limits,
  output,
}: AgentDefinition): AgentDefinition => ({
  name,
  description,
  systemPrompt,
  model,
  tools,
  policies,
  limits,
  output,
});
