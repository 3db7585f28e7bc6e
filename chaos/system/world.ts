import { AppEnv, DatabaseEnv, loadEnv, RedisEnv } from '@flowmate/config';
import { tokenHash, randomToken } from '@flowmate/crypto';
import {
  AgentRepository,
  ApiKeyRepository,
  Database,
  MembershipRepository,
  Migrator,
  RunReader,
  RunStore,
  RunWatch,
  UserRepository,
  WorkerRepository,
  WorkspaceRepository,
} from '@flowmate/database';
import { newId, numbered, type AgentDefinition, type Run, type RunOrigin, type Tier } from '@flowmate/domain';
import { createLogger, Metrics } from '@flowmate/observability';
import { JobProducer, RUN_JOB } from '@flowmate/queue';
import { Redis } from '@flowmate/redis';

export interface Tenant {
  readonly workspaceId: string;
  readonly userId: string;
  /** A key of its manager. */
  readonly secret: string;
}

export interface WantedRun {
  readonly tenant: Tenant;
  readonly agentId: string;
  readonly input: string;
}

/** What a caller holds who was answered. */
export interface Accepted {
  readonly id: string;
  readonly at: number;
}

const AT_ONCE = 50;

/** The harness's own way to the stores, which no fault touches: it makes the tenants and looks at what became of it all. */
export class World {
  readonly store: RunStore;
  readonly watch: RunWatch;
  readonly workers: WorkerRepository;
  readonly producer: JobProducer;
  readonly redis: Redis;
  private readonly database: Database;

  constructor(private readonly variables: Readonly<Record<string, string>>) {
    const env = loadEnv([AppEnv, DatabaseEnv, RedisEnv], { variables: { ...variables } });
    const logger = createLogger({ level: 'error', format: 'text', service: 'chaos', environment: 'test' });
    const app = env.get(AppEnv);
    this.database = new Database({ app, settings: env.get(DatabaseEnv), role: 'cli', logger });
    this.redis = new Redis({ app, settings: env.get(RedisEnv), logger, metrics: new Metrics() });
    this.store = new RunStore(this.database);
    this.watch = new RunWatch(this.database);
    this.workers = new WorkerRepository(this.database);
    this.producer = new JobProducer(this.redis, new Metrics());
  }

  async begin(): Promise<void> {
    await Promise.all([this.database.connectInTime(), this.redis.connect()]);
    await new Migrator(this.database).up();
  }

  async close(): Promise<void> {
    await Promise.all([this.database.close(), this.redis.close()]);
  }

  async tenant(tier: Tier = 'unlimited'): Promise<Tenant> {
    const [workspaceId, userId, createdAt] = [newId(), newId(), new Date()];
    const person = { id: userId, email: `${userId}@example.com`, createdAt, sessionVersion: 1, identities: [] };
    const owner = { workspaceId };
    await new UserRepository(this.database).create({ ...person, role: 'manager', personalWorkspaceId: workspaceId });
    const space = { id: workspaceId, name: 'Chaos', tier, kind: 'personal', createdBy: userId, createdAt } as const;
    await new WorkspaceRepository(this.database).ensure(space);
    await new MembershipRepository(this.database).add(owner, { userId, role: 'manager', since: createdAt });
    const secret = `fm_live_${randomToken()}`;
    const key = {
      id: newId(),
      name: 'Chaos',
      role: 'service',
      scopes: ['agents:write', 'runs:control', 'runs:read'],
      hint: secret.slice(-4),
    } as const;
    const made = { ...key, ownerId: userId, createdAt };
    await new ApiKeyRepository(this.database).create(owner, made, tokenHash(secret));
    return { workspaceId, userId, secret };
  }

  /** One that may use these tools, also those that would have to ask. */
  async agent({ workspaceId, userId }: Tenant, tools: readonly string[], model: string | null = null): Promise<string> {
    const id = newId();
    const definition: AgentDefinition = {
      name: 'Chaos',
      description: '',
      systemPrompt: '',
      model: { name: model },
      tools,
      policies: tools.map((tool) => ({ tool, policy: 'allow' })),
      limits: { timeoutMs: null, maxSteps: null },
      output: null,
    };
    const wanted = { id, definition, createdBy: userId, at: new Date(), limit: null };
    await new AgentRepository(this.database).create({ workspaceId }, wanted);
    return id;
  }

  /** As the api does it, for scenarios that are not about the api. Without a bell it is held back. */
  async start({ tenant, agentId, input }: WantedRun, bells = 1): Promise<Accepted> {
    const origin = originOf(tenant, agentId, input);
    const entry = { type: 'run.queued', data: { reason: 'accepted', position: 0, unsent: [] } } as const;
    const journal = numbered([entry], { seq: 0, at: origin.createdAt, epoch: 0, batch: 'api' });
    await this.store.insert({ origin, journal, request: null, isRung: bells > 0 });
    for (let bell = 0; bell < bells; bell += 1) await this.ring(origin.id, bell === 0 ? 1 : `1-x${bell}`);
    return { id: origin.id, at: Date.now() };
  }

  async ring(runId: string, place: number | string): Promise<void> {
    const job = { id: `${runId}-${place}`, payload: { runId } };
    await this.producer.add(RUN_JOB, job).catch(() => undefined);
  }

  /** Everything that was ever stored for a tenant, whether somebody was told of it or not. */
  async idsOf({ workspaceId }: Tenant, limit: number): Promise<string[]> {
    return (await new RunReader(this.database).listWhole({ workspaceId }, '', limit)).map(({ id }) => id);
  }

  /** A few at a time: thousands at once would be too late for each of them. */
  async runs(ids: readonly string[]): Promise<Run[]> {
    const found: Run[] = [];
    for (let from = 0; from < ids.length; from += AT_ONCE) {
      const some = await Promise.all(ids.slice(from, from + AT_ONCE).map((id) => this.store.readUnscoped(id)));
      found.push(...some.flatMap((run) => (run ? [run] : [])));
    }
    return found;
  }

  /** A setting of what the processes are told, for checks that look for it where it must not be. */
  variable(name: string): string {
    return this.variables[name] ?? '';
  }
}

function originOf({ workspaceId, userId }: Tenant, agentId: string, input: string): RunOrigin {
  const [id, now] = [newId(), Date.now()];
  return {
    id,
    workspaceId,
    kind: 'agent',
    agentId,
    agentVersion: 1,
    trigger: 'api',
    startedBy: { kind: 'user', id: userId, userId },
    externalId: null,
    retryOf: null,
    correlationId: `chaos-${id}`,
    traceparent: null,
    input,
    timeoutMs: 60_000,
    rootId: id,
    parentId: null,
    index: null,
    rank: now,
    deadlineAt: null,
    needsVersion: 1,
    createdAt: now,
  };
}
