import { EngineEnv, LlmEnv, MetricsEnv, RunEnv, type Environment } from '@flowmate/config';
import {
  AgentRepository,
  ApiKeyRepository,
  MembershipRepository,
  PayloadRepository,
  RunStore,
  RunWatch,
  UserRepository,
  WorkerRepository,
  WorkspaceRepository,
  type Database,
} from '@flowmate/database';
import { TIER_LIMITS } from '@flowmate/domain';
import { RunRights } from '@flowmate/identity';
import { Breaker, type ModelPort } from '@flowmate/llm';
import type { Logger, Metrics } from '@flowmate/observability';
import { handle, RUN_JOB, type JobHandler, type JobProducer } from '@flowmate/queue';
import { Channels, RunPublisher, WorkerEars } from '@flowmate/realtime';
import type { Redis } from '@flowmate/redis';
import type { ToolRegistry } from '@flowmate/tools';
import type { Duty } from '../duties/duty.js';
import { CrashPoints, crashPointFrom } from './crash-point.js';
import { EngineMetrics } from './engine-metrics.js';
import { ModelStep } from './model-step.js';
import { Planner } from './planner.js';
import { Reconciler } from './reconciler.js';
import { RunAgents } from './run-agent.js';
import { RunRinger } from './run-ringer.js';
import { RunEngine } from './run-engine.js';
import { RunLoop } from './run-loop.js';
import type { RunSession } from './run-session.js';
import { Slots } from './slots.js';
import { TextStream } from './text-stream.js';
import { ToolStep } from './tool-step.js';
import { WorkerLease } from './worker-lease.js';
import { WorkspaceSlots } from './workspace-slots.js';

export interface EngineSetup {
  readonly env: Environment;
  readonly database: Database;
  readonly redis: Redis;
  readonly producer: JobProducer;
  readonly model: ModelPort;
  readonly registry: ToolRegistry;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** What a provider that is down is judged by; monotonic. */
  readonly now?: () => number;
}

/** All of this worker that has to do with runs. */
export interface Engine {
  readonly runs: RunEngine;
  readonly lease: WorkerLease;
  /** Where this worker is told of decisions. */
  readonly ears: Channels;
  readonly handler: JobHandler;
  readonly duties: readonly Duty[];
}

/** Runs that one beat looks after; what is left waits for the next. */
const ATTENTION_PAGE = 500;
const ATTENTION_DEADLINE_MS = 10_000;

export function engineFromEnv(setup: EngineSetup): Engine {
  const { env, database, producer, logger } = setup;
  const settings = env.get(EngineEnv);
  const [store, watch, workers] = [new RunStore(database), new RunWatch(database), new WorkerRepository(database)];
  const metrics = new EngineMetrics(setup.metrics, env.get(MetricsEnv));
  const slotsOf = new WorkspaceSlots(new WorkspaceRepository(database), TIER_LIMITS);
  const bells = new RunRinger({ watch, producer, slotsOf: (workspaceId) => slotsOf.of(workspaceId) });
  const news = new RunPublisher(setup.redis);
  const channels = new Channels(setup.redis);
  const ears = new WorkerEars(channels);
  const crashPoints = new CrashPoints(crashPointFrom(settings.crashPoint));
  const lease = new WorkerLease({
    workers,
    timings: settings,
    logger,
    onBeat: () => crashPoints.pass('during-beat'),
    onNamed: (id) => ears.listen(id, (runId) => void runs.attend(runId).catch(() => undefined)),
    onPause: (why) => runs.interruptAll(why),
  });
  const agents = new RunAgents(new AgentRepository(database), setup.registry);
  const loop = loopOf(setup, { lease, news, crashPoints, isLeaving: () => runs.isLeaving });
  const payloads = new PayloadRepository(database);
  const slots = new Slots(settings.concurrency);
  const common = { workers, bells, lease, logger };
  const runs: RunEngine = new RunEngine({ ...common, store, payloads, agents, loop, news, slots, metrics });
  setup.metrics.gauge('flowmate_runs_running', 'Runs that this worker has.', () => runs.running);
  const { reconcileMs, goneMs, beatMs } = settings;
  const lookAfter = (runIds: readonly string[]): void => runs.lookAfter(runIds);
  const reconciler = new Reconciler({ ...common, watch, everyMs: reconcileMs, goneMs, lookAfter });
  return {
    runs,
    lease,
    ears: channels,
    handler: handle(RUN_JOB, ({ runId }) => runs.hear(runId)),
    duties: [reconciler.duty, attention({ watch, lease, runs, everyMs: beatMs })],
  };
}

interface LoopSetup {
  readonly lease: WorkerLease;
  readonly news: RunPublisher;
  readonly crashPoints: CrashPoints;
  readonly isLeaving: () => boolean;
}

function loopOf(setup: EngineSetup, { lease, news, crashPoints, isLeaving }: LoopSetup): RunLoop {
  const { env, model, registry, database, now = () => performance.now() } = setup;
  const { maxRetries } = env.get(RunEnv);
  const rights = new RunRights({
    users: new UserRepository(database),
    memberships: new MembershipRepository(database),
    workspaces: new WorkspaceRepository(database),
    keys: new ApiKeyRepository(database),
  });
  const common = { maxRetries, random: Math.random, crashPoints };
  const textStream = ({ id, origin, state }: RunSession, step: number): TextStream =>
    new TextStream((text) => news.text(origin.workspaceId, { runId: id, epoch: state.epoch, step, text }));
  const breaker = new Breaker({ now });
  const models = new ModelStep({ ...common, now, model, breaker, textStream });
  const planner = new Planner({
    registry,
    defaultModel: env.get(LlmEnv).model,
    mayAct: ({ origin }) => rights.mayAct(origin),
    provider: () => models.provider,
    isLeaving,
    storeNow: () => lease.storeNow(),
  });
  return new RunLoop({
    planner,
    models,
    tools: new ToolStep({ ...common, mayAct: () => lease.isGood }),
    lease,
    watch: new RunWatch(database),
    crashPoints,
  });
}

/** A decision about a run whose bell was lost is noticed with the next beat. */
function attention({
  watch,
  lease,
  runs,
  everyMs,
}: {
  watch: RunWatch;
  lease: WorkerLease;
  runs: RunEngine;
  everyMs: number;
}): Duty {
  return {
    name: 'run-attention',
    everyMs,
    deadlineMs: ATTENTION_DEADLINE_MS,
    run: async () => {
      if (runs.running === 0) return;
      const ids = await watch.attentionOf(lease.id, new Date(lease.storeNow()), ATTENTION_PAGE);
      await Promise.all(ids.map((id) => runs.attend(id)));
    },
  };
}
