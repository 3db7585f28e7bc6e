import { Injectable } from '@nestjs/common';
import { WorkspaceRepository, type User } from '@flowmate/database';
import {
  permissionsOfMember,
  ResourceNotFoundError,
  type AgentDefinition,
  type Permission,
  type UserPrincipal,
} from '@flowmate/domain';
import { AccountService, ApiKeyService } from '@flowmate/identity';
import { AgentsService } from '../agents/agents.service.js';

/** What somebody needs to run an agent with one line. */
export interface DemonstrationAccess {
  readonly agentId: string;
  readonly key: string;
}

const BY = { actor: { kind: 'system' } } as const;
const NAME = 'npm start';
/** A key of yesterday's start is of no use. */
const KEY_MS = 86_400_000;
const SCOPES: readonly Permission[] = ['agents:read', 'runs:read', 'runs:control'];
const AGENT: AgentDefinition = {
  name: 'Demonstration',
  description: 'Made by npm start, to try a run with.',
  systemPrompt: 'You tell people what time it is. Look at the clock before you answer.',
  model: { name: null },
  tools: ['time.now'],
  policies: [],
  limits: { timeoutMs: null, maxSteps: null },
  output: null,
};

/** An agent and a key of the person who started this on his own machine. */
@Injectable()
export class Demonstration {
  constructor(
    private readonly accounts: AccountService,
    private readonly workspaces: WorkspaceRepository,
    private readonly agents: AgentsService,
    private readonly keys: ApiKeyService,
  ) {}

  /** One agent however often it is asked for; each key replaces the one before. */
  async prepare(email: string): Promise<DemonstrationAccess> {
    const person = await this.principal(await this.accounts.provide(email, 'admin', BY));
    const known = await this.agents.list(person, { namePrefix: AGENT.name }, { limit: 1 });
    const agent = known[0] ?? (await this.agents.create(person, AGENT, undefined, BY)).agent;
    const older = await this.keys.list(person, { limit: 100 });
    await Promise.all(
      older
        .filter(({ name, revokedAt }) => name === NAME && !revokedAt)
        .map(({ id }) => this.keys.revoke(person, id, BY)),
    );
    const wanted = { name: NAME, role: 'service', scopes: SCOPES, expiresAt: new Date(Date.now() + KEY_MS) } as const;
    return { agentId: agent.id, key: (await this.keys.create(person, wanted, BY)).secret };
  }

  private async principal({ id, email, role, personalWorkspaceId }: User): Promise<UserPrincipal> {
    const workspace = await this.workspaces.find(personalWorkspaceId);
    if (!workspace) throw new ResourceNotFoundError();
    return {
      kind: 'user',
      userId: id,
      email,
      sessionId: '',
      workspaceId: personalWorkspaceId,
      role: 'manager',
      isAdmin: role === 'admin',
      permissions: permissionsOfMember(role, 'manager'),
      tier: workspace.tier,
    };
  }
}
