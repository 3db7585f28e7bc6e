import { AuditEnv, EncryptionEnv, EngineEnv, RunEnv, type Environment } from '@flowmate/config';
import { RunWatch, type Database } from '@flowmate/database';
import type { HealthComponent } from '@flowmate/health';
import type { StopStep } from '@flowmate/lifecycle';
import type { LivenessPort, Logger, Metrics } from '@flowmate/observability';
import { JobProducer, RUN_JOB } from '@flowmate/queue';
import { RunPublisher } from '@flowmate/realtime';
import type { Redis } from '@flowmate/redis';
import type { Tool } from '@flowmate/tools';
import { auditRetention } from './audit/audit-retention.js';
import { runAudit, runAuditor } from './audit/run-audit.js';
import type { Duty } from './duties/duty.js';
import type { Engine } from './engine/engine-from-env.js';
import { runsFromEnv } from './engine/runs-from-env.js';
import { erase } from './erase/erase.js';
import { dispatcherFromEnv } from './mail/dispatcher-from-env.js';
import { RunPlaces } from './metrics/run-places.js';
import { OrphanedRuns } from './retention/orphaned-runs.js';
import { runRetention } from './retention/run-retention.js';
import { WorkerQueue } from './queue/worker-queue.js';

export interface WorkSetup {
  readonly env: Environment;
  readonly database: Database;
  readonly redis: Redis;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly moreTools: readonly Tool[];
}

/** Of the time that a process has to stop; what is left is for jobs, stores, log and traces. */
const RUNS_SHARE = 0.6;

/** Everything that this process is there for: runs, mails, duties. Begun here, and stopped by the steps in order. */
export function startWork(setup: WorkSetup): {
  readonly health: readonly HealthComponent[];
  readonly liveness: LivenessPort;
  readonly steps: (shutdownTimeoutMs: number) => StopStep[];
} {
  const { env, database, redis, logger, metrics } = setup;
  const { dispatcher, mailer } = dispatcherFromEnv({ env, database, logger, metrics });
  const audit = { database, encryption: env.get(EncryptionEnv), settings: env.get(AuditEnv), logger };
  const producer = new JobProducer(redis, metrics);
  const engine = runsFromEnv({ ...setup, producer });
  const queue = new WorkerQueue({
    database,
    redis,
    producer,
    mails: dispatcher,
    moreDuties: [auditRetention(audit), erase(audit), ...dutiesOfRuns(setup, engine), ...engine.duties],
    moreHandlers: [engine.handler],
    concurrency: { [RUN_JOB.queue]: env.get(EngineEnv).concurrency },
    logger,
    metrics,
  });
  engine.lease.start();
  queue.start();
  return {
    health: [queue.health, queue.consumerHealth],
    liveness: { fault: () => (queue.consumerHealth.isAlive ? undefined : 'consumer_wedged') },
    steps: (shutdownTimeoutMs) => [
      { name: 'duties', stop: () => queue.stopDuties() },
      { name: 'bells', stop: () => queue.pause() },
      { name: 'runs', stop: () => engine.runs.leave(shutdownTimeoutMs * RUNS_SHARE) },
      { name: 'jobs', stop: () => queue.drain(shutdownTimeoutMs) },
      { name: 'ears', stop: () => Promise.resolve(engine.ears.close()) },
      { name: 'lease', stop: () => engine.lease.stop() },
      { name: 'tools', stop: () => engine.closeTools() },
      { name: 'mail', stop: () => mailer.close() },
    ],
  };
}

/** What keeps the record of runs in order. */
function dutiesOfRuns({ env, database, redis, logger, metrics }: WorkSetup, { lease }: Pick<Engine, 'lease'>): Duty[] {
  const storeNow = (): number => lease.storeNow();
  const audit = { database, encryption: env.get(EncryptionEnv), settings: env.get(AuditEnv), logger };
  const auditor = runAuditor(audit);
  const news = new RunPublisher(redis);
  const tell = (owner: string, runId: string): void => news.tellWorker(owner, { runId });
  const common = { database, storeNow, logger };
  return [
    runAudit(auditor, storeNow),
    runRetention({ ...common, settings: env.get(RunEnv), auditor }),
    new OrphanedRuns({ ...common, tell }).duty,
    new RunPlaces({ watch: new RunWatch(database), storeNow, metrics }).duty,
  ];
}
