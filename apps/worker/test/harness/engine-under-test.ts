import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { AppEnv, loadEnv, RedisEnv } from '@flowmate/config';
import {
  AgentRepository,
  MembershipRepository,
  Migrator,
  RunStore,
  RunWatch,
  UserRepository,
  WorkspaceRepository,
} from '@flowmate/database';
import {
  fold,
  headOf,
  newId,
  numbered,
  type AgentDefinition,
  type NewEntry,
  type Run,
  type RunOrigin,
} from '@flowmate/domain';
import type { ModelPort } from '@flowmate/llm';
import { createLogger, Metrics } from '@flowmate/observability';
import { JobProducer } from '@flowmate/queue';
import { Redis } from '@flowmate/redis';
import { eventually } from '@flowmate/testing';
import { ToolRegistry, type Tool } from '@flowmate/tools';
import { TestDatabase } from '../../../../libs/database/test/test-database.js';
import { WORKER_ENV } from '../../src/config/worker.env.js';
import { engineFromEnv, type Engine } from '../../src/engine/engine-from-env.js';

export interface EngineOptions {
  readonly model: ModelPort;
  readonly tools?: readonly Tool[];
  readonly variables?: Readonly<Record<string, string>>;
  /** Bells and news go through this one; otherwise bells are rung by hand, and nobody hears news. */
  readonly redis?: Redis;
  /** What a provider that is down is judged by. */
  readonly now?: () => number;
}

/** A world of one workspace with one agent, in a database of its own. */
export class EngineWorld {
  readonly test = new TestDatabase({}, 'worker');
  readonly workspaceId = newId();
  readonly userId = newId();
  readonly store = new RunStore(this.test.database);
  readonly watch = new RunWatch(this.test.database);
  private readonly workers: WorkerUnderTest[] = [];

  async begin(): Promise<void> {
    const { database } = this.test;
    await database.connect();
    await new Migrator(database).up();
    const at = new Date();
    const common = { createdAt: at, schemaVersion: 1 } as const;
    await new UserRepository(database).create({
      ...common,
      id: this.userId,
      email: `${this.userId}@x.io`,
      role: 'manager',
      personalWorkspaceId: this.workspaceId,
      sessionVersion: 1,
    } as never);
    await new WorkspaceRepository(database).ensure({
      ...common,
      id: this.workspaceId,
      name: 'Test',
      tier: 'team',
      kind: 'personal',
      createdBy: this.userId,
    } as never);
    await new MembershipRepository(database).add(this, { userId: this.userId, role: 'manager', since: at });
  }

  async agent(changes: Partial<AgentDefinition> = {}): Promise<string> {
    const id = newId();
    const definition: AgentDefinition = {
      name: 'Test',
      description: '',
      systemPrompt: '',
      model: { name: null },
      tools: [],
      policies: [],
      limits: { timeoutMs: null, maxSteps: null },
      output: null,
      ...changes,
    };
    const wanted = { id, definition, createdBy: this.userId, at: new Date(), limit: null };
    await new AgentRepository(this.test.database).create(this, wanted);
    return id;
  }

  /** A run as the api stores it. */
  async run(agentId: string, changes: Partial<RunOrigin> = {}, isRung = true): Promise<string> {
    const id = newId();
    const now = Date.now();
    const origin: RunOrigin = {
      id,
      workspaceId: this.workspaceId,
      kind: 'agent',
      agentId,
      agentVersion: 1,
      trigger: 'api',
      startedBy: { kind: 'user', id: this.userId, userId: this.userId },
      externalId: null,
      retryOf: null,
      correlationId: `test-${id}`,
      traceparent: null,
      input: 'Do it.',
      timeoutMs: 30_000,
      rootId: id,
      parentId: null,
      index: null,
      rank: now,
      deadlineAt: null,
      needsVersion: 1,
      createdAt: now,
      ...changes,
    };
    const entry = { type: 'run.queued', data: { reason: 'accepted', position: 0, unsent: [] } } as const;
    const journal = numbered([entry], { seq: 0, at: now, epoch: 0, batch: 'api' });
    await this.store.insert({ origin, journal, request: null, isRung });
    return id;
  }

  async worker(options: EngineOptions): Promise<WorkerUnderTest> {
    const worker = new WorkerUnderTest(this, options);
    this.workers.push(worker);
    await worker.begin();
    return worker;
  }

  async read(id: string): Promise<Run> {
    const run = await this.store.readUnscoped(id);
    if (!run) throw new Error('There is no such run.');
    // What every chaos run checks: the head is the fold, and the journal has no gap.
    assert.deepEqual(run.head, headOf(fold(run.journal)));
    assert.deepEqual(
      run.journal.map(({ seq }) => seq),
      run.journal.map((_, index) => index + 1),
    );
    return run;
  }

  async types(id: string): Promise<string[]> {
    return (await this.read(id)).journal.map(({ type }) => type);
  }

  until(id: string, status: string, timeoutMs = 5_000): Promise<Run> {
    return eventually(async () => {
      const run = await this.read(id);
      assert.equal(run.head.status, status, JSON.stringify(run.journal.at(-1)));
      return run;
    }, timeoutMs);
  }

  /** As the api appends what a person decided. */
  async append(run: Run, entries: readonly NewEntry[], wake: 'now' | 'as_before'): Promise<void> {
    const written = numbered(entries, { seq: run.seq, at: Date.now(), epoch: run.epoch, batch: newId() });
    const head = headOf(fold(written, fold(run.journal)));
    assert.ok(await this.store.append(run, { entries: written, head, wake }));
  }

  decide(run: Run, decision: 'done' | 'again'): Promise<void> {
    const [intent = 0] = run.head.openReviews;
    const by = { kind: 'user', id: this.userId } as const;
    return this.append(run, [{ type: 'review.decided', data: { intent, decision, by, result: null } }], 'now');
  }

  async cancel(run: Run): Promise<void> {
    const by = { kind: 'user', id: this.userId } as const;
    await this.append(await this.read(run.id), [{ type: 'run.cancel_requested', data: { by } }], 'now');
  }

  /** A worker that beats no more: its process stands still, or the store does not hear it. */
  async freeze(worker: WorkerUnderTest): Promise<void> {
    await worker.engine.lease.stop();
    const workers = (await this.test.db()).collection('workers');
    await workers.updateOne({ _id: worker.engine.lease.id as never }, { $set: { gone: false } });
  }

  async dispose(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.end()));
    await this.test.dispose();
  }
}

/** Everything of a worker that has to do with runs, without Redis: bells are rung by hand. */
export class WorkerUnderTest {
  readonly engine: Engine;
  readonly rung: Array<{ id: string; runId: string; priority: number | undefined }> = [];
  readonly lines: string[] = [];
  readonly metrics = new Metrics();
  private isEnded = false;

  constructor(world: EngineWorld, { model, tools = [], variables = {}, redis, now }: EngineOptions) {
    const env = loadEnv(WORKER_ENV, {
      variables: { NODE_ENV: 'test', INTEGRATION_ENC_KEY: randomBytes(32).toString('hex'), ...variables },
    });
    const app = env.get(AppEnv);
    const destination = { write: (line: string) => void this.lines.push(line.trimEnd()) };
    const logger = createLogger({
      level: 'debug',
      format: 'text',
      service: 'worker',
      environment: 'test',
      destination,
    });
    const byHand: Pick<JobProducer, 'add'> = {
      add: (_job, { id, payload, priority }) => {
        this.rung.push({ id, runId: (payload as { runId: string }).runId, priority });
        return Promise.resolve();
      },
    };
    const settings = loadEnv([RedisEnv], { variables: { NODE_ENV: 'test' } }).get(RedisEnv);
    const none = new Redis({ app, settings, logger, metrics: new Metrics() });
    this.engine = engineFromEnv({
      env,
      database: world.test.database,
      redis: redis ?? none,
      producer: redis ? new JobProducer(redis, this.metrics) : (byHand as JobProducer),
      model,
      registry: new ToolRegistry(tools),
      logger,
      metrics: this.metrics,
      ...(now && { now }),
    });
  }

  async begin(): Promise<void> {
    this.engine.lease.start();
    await eventually(() => assert.ok(this.engine.lease.isGood));
  }

  hear(id: string): Promise<void> {
    return this.engine.runs.hear(id);
  }

  async reconcile(): Promise<void> {
    await this.engine.duties[0]!.run(new AbortController().signal);
  }

  async end(): Promise<void> {
    if (this.isEnded) return;
    this.isEnded = true;
    await this.engine.runs.leave(2_000);
    this.engine.ears.close();
    await this.engine.lease.stop();
  }
}
