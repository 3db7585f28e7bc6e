import {
  AppEnv,
  AuditEnv,
  DatabaseEnv,
  EncryptionEnv,
  LogEnv,
  MetricsEnv,
  RedisEnv,
  TracingEnv,
  WorkerServerEnv,
  developmentSecrets,
  loadEnv,
} from '@flowmate/config';
import { Database, databaseHealth } from '@flowmate/database';
import { VERSION } from '@flowmate/domain';
import { HealthMonitor, logHealthChange } from '@flowmate/health';
import { stopInOrder, type Running } from '@flowmate/lifecycle';
import { OpsServer, startTelemetry, type ReadinessPort } from '@flowmate/observability';
import { Redis, redisHealth } from '@flowmate/redis';
import { auditRetention } from './audit/audit-retention.js';
import { WORKER_ENV } from './config/worker.env.js';
import { erase } from './erase/erase.js';
import { dispatcherFromEnv } from './mail/dispatcher-from-env.js';
import { WorkerQueue } from './queue/worker-queue.js';

/** Where this checkout keeps what it makes for itself in development. */
const HOME = '.flowmate';

const SERVICE = 'flowmate-worker';

/** Reads the configuration and starts everything in order: stores, health, queue and duties, the operators' port. */
export async function startWorker(): Promise<Running> {
  const made: string[] = [];
  const env = loadEnv(WORKER_ENV, { supply: developmentSecrets(HOME, (path) => made.push(path)) });
  const app = env.get(AppEnv);
  const { port, shutdownTimeoutMs } = env.get(WorkerServerEnv);
  const telemetry = await startTelemetry({
    service: SERVICE,
    version: VERSION,
    environment: app.nodeEnv,
    log: env.get(LogEnv),
    tracing: env.get(TracingEnv),
  });
  const { logger } = telemetry;
  const kept = { count: made.length, path: `${HOME}/secrets` };
  if (made.length > 0) logger.info('made development secrets and kept them for the next start', kept);
  const common = { app, logger, metrics: telemetry.metrics };
  const database = new Database({ ...common, settings: env.get(DatabaseEnv), role: 'worker' });
  const redis = new Redis({ ...common, settings: env.get(RedisEnv) });
  // Nobody waits for them: a worker that is up answers probes and says what is missing. A rejection ends the process.
  void database.connect();
  void redis.connect();
  const { dispatcher, mailer } = dispatcherFromEnv({ env, database, logger, metrics: telemetry.metrics });
  const audit = { database, encryption: env.get(EncryptionEnv), settings: env.get(AuditEnv), logger };
  const moreDuties = [auditRetention(audit), erase(audit)];
  const queue = new WorkerQueue({ database, redis, mails: dispatcher, moreDuties, logger, metrics: telemetry.metrics });
  const components = [databaseHealth(database), redisHealth(redis), queue.health];
  const health = new HealthMonitor({ components, onChange: logHealthChange(logger) });
  health.start();
  queue.start();

  const metrics = env.get(MetricsEnv).enabled ? telemetry.metrics : undefined;
  const readiness = readinessOf(health);
  const ops = new OpsServer({ host: app.host, port, service: SERVICE, version: VERSION, metrics, readiness });
  const address = await ops.listen();
  logger.info('worker ready', address);

  const steps = [
    { name: 'readiness', stop: () => health.drain() },
    { name: 'duties', stop: () => queue.stopDuties() },
    { name: 'jobs', stop: () => queue.drain(shutdownTimeoutMs) },
    { name: 'mail', stop: () => mailer.close() },
    { name: 'health', stop: () => health.stop() },
    { name: 'database', stop: () => database.close() },
    { name: 'redis', stop: () => redis.close() },
    { name: 'health and metrics', stop: () => ops.close() },
    { name: 'telemetry', stop: () => telemetry.stop() },
  ];
  return { ...stopInOrder(steps), log: logger, shutdownTimeoutMs };
}

const readinessOf = (health: HealthMonitor): ReadinessPort => ({
  ready: () => {
    const body = health.readiness();
    return { isReady: body.status !== 'not_ready', body };
  },
  details: () => health.details(),
});
