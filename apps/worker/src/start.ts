import {
  AppEnv,
  DatabaseEnv,
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
import type { Tool } from '@flowmate/tools';
import { WORKER_ENV } from './config/worker.env.js';
import { startWork } from './work.js';

/** Where this checkout keeps what it makes for itself in development. */
const HOME = '.flowmate';

const SERVICE = 'flowmate-worker';

/** Reads the configuration and starts everything in order: stores, health, runs, queue and duties, the operators' port. */
export async function startWorker({ moreTools = [] }: { moreTools?: readonly Tool[] } = {}): Promise<Running> {
  const made: string[] = [];
  const env = loadEnv(WORKER_ENV, { supply: developmentSecrets(HOME, (path) => made.push(path)) });
  const app = env.get(AppEnv);
  const { port, shutdownTimeoutMs } = env.get(WorkerServerEnv);
  const {
    logger,
    metrics,
    stop: stopTelemetry,
  } = await startTelemetry({
    service: SERVICE,
    version: VERSION,
    environment: app.nodeEnv,
    log: env.get(LogEnv),
    tracing: env.get(TracingEnv),
  });
  const kept = { count: made.length, path: `${HOME}/secrets` };
  if (made.length > 0) logger.info('made development secrets and kept them for the next start', kept);
  const common = { app, logger, metrics };
  const database = new Database({ ...common, settings: env.get(DatabaseEnv), role: 'worker' });
  const redis = new Redis({ ...common, settings: env.get(RedisEnv) });
  // Nobody waits for them: a worker that is up answers probes and says what is missing. A rejection ends the process.
  void database.connect();
  void redis.connect();
  const work = startWork({ env, database, redis, logger, metrics, moreTools });
  const health = new HealthMonitor({
    components: [databaseHealth(database), redisHealth(redis), ...work.health],
    onChange: logHealthChange(logger),
  });
  health.start();
  const shown = env.get(MetricsEnv).enabled ? metrics : undefined;
  const readiness = readinessOf(health);
  const own = { host: app.host, port, service: SERVICE, version: VERSION };
  const ops = new OpsServer({ ...own, metrics: shown, readiness, liveness: work.liveness });
  logger.info('worker ready', await ops.listen());
  const steps = [
    { name: 'readiness', stop: () => health.drain() },
    ...work.steps(shutdownTimeoutMs),
    { name: 'health', stop: () => health.stop() },
    { name: 'database', stop: () => database.close() },
    { name: 'redis', stop: () => redis.close() },
    { name: 'health and metrics', stop: () => ops.close() },
    { name: 'telemetry', stop: () => stopTelemetry() },
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
