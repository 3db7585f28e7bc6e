import {
  AppEnv,
  DatabaseEnv,
  LogEnv,
  MetricsEnv,
  RedisEnv,
  TracingEnv,
  WorkerServerEnv,
  loadEnv,
} from '@flowmate/config';
import { Database, databaseHealth } from '@flowmate/database';
import { VERSION } from '@flowmate/domain';
import { HealthMonitor, logHealthChange } from '@flowmate/health';
import { stopInOrder, type Running } from '@flowmate/lifecycle';
import { OpsServer, startTelemetry, type ReadinessPort } from '@flowmate/observability';
import { Redis, redisHealth } from '@flowmate/redis';
import { WORKER_ENV } from './config/worker.env.js';

const SERVICE = 'flowmate-worker';

/** Reads the configuration and starts what the worker has so far: its stores, its health and its metrics. */
export async function startWorker(): Promise<Running> {
  const env = loadEnv(WORKER_ENV);
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
  const common = { app, logger, metrics: telemetry.metrics };
  const database = new Database({ ...common, settings: env.get(DatabaseEnv), role: 'worker' });
  const redis = new Redis({ ...common, settings: env.get(RedisEnv) });
  // Nobody waits for them: a worker that is up answers probes and says what is missing. A rejection ends the process.
  void database.connect();
  void redis.connect();
  const components = [databaseHealth(database), redisHealth(redis)];
  const health = new HealthMonitor({ components, onChange: logHealthChange(logger) });
  health.start();

  const metrics = env.get(MetricsEnv).enabled ? telemetry.metrics : undefined;
  const readiness = readinessOf(health);
  const ops = new OpsServer({ host: app.host, port, service: SERVICE, version: VERSION, metrics, readiness });
  const address = await ops.listen();
  logger.info('worker ready: it has no queue to take work from yet', address);

  const steps = [
    { name: 'readiness', stop: () => health.drain() },
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
