import {
  AppEnv,
  DatabaseEnv,
  LogEnv,
  MetricsEnv,
  RedisEnv,
  ServerEnv,
  TracingEnv,
  developmentSecrets,
  loadEnv,
  type Environment,
} from '@flowmate/config';
import { CanaryRepository, Database, databaseHealth } from '@flowmate/database';
import { VERSION } from '@flowmate/domain';
import { HealthMonitor, logHealthChange } from '@flowmate/health';
import { stopInOrder, type Running } from '@flowmate/lifecycle';
import { OpsServer, startTelemetry, type Telemetry } from '@flowmate/observability';
import { Redis, redisHealth } from '@flowmate/redis';
import { SERVICE } from './about.js';
import { createApi } from './app.setup.js';
import { API_ENV } from './config/api.env.js';
import { workersHealth } from './health/workers-health.js';

/** Where this checkout keeps what it makes for itself in development. */
const HOME = '.flowmate';

/** The api as a process: what `main.ts` runs. */
export class ApiProcess {
  private metricsPort: number | undefined;

  /** Reads the configuration, starts everything in order and says what is there. */
  async start(): Promise<Running> {
    const made: string[] = [];
    const env = loadEnv(API_ENV, { supply: developmentSecrets(HOME, (path) => made.push(path)) });
    const telemetry = await startTelemetry({
      service: SERVICE,
      version: VERSION,
      environment: env.get(AppEnv).nodeEnv,
      log: env.get(LogEnv),
      tracing: env.get(TracingEnv),
    });
    const { logger } = telemetry;
    const kept = { count: made.length, path: `${HOME}/secrets` };
    if (made.length > 0) logger.info('made development secrets and kept them for the next start', kept);

    const common = { app: env.get(AppEnv), logger, metrics: telemetry.metrics };
    const database = new Database({ ...common, settings: env.get(DatabaseEnv), role: 'api' });
    const redis = new Redis({ ...common, settings: env.get(RedisEnv) });
    // Nobody waits for them: an api that is up answers probes and says what is missing. A rejection ends the process.
    void database.connect();
    void redis.connect();
    const components = [databaseHealth(database), redisHealth(redis), workersHealth(new CanaryRepository(database))];
    const health = new HealthMonitor({ components, onChange: logHealthChange(logger) });
    health.start();
    const ops = await this.serveMetrics(env, telemetry);
    const { app } = await createApi({ env, ...telemetry, health, database, redis });
    const { port, shutdownTimeoutMs } = env.get(ServerEnv);
    await app.listen(port, env.get(AppEnv).host);
    logger.info('api ready', { host: env.get(AppEnv).host, port: Number(new URL(await app.getUrl()).port) });

    const steps = [
      { name: 'readiness', stop: () => health.drain() },
      { name: 'http', stop: () => app.close() },
      { name: 'metrics', stop: () => ops?.close() ?? Promise.resolve() },
      { name: 'health', stop: () => health.stop() },
      { name: 'database', stop: () => database.close() },
      { name: 'redis', stop: () => redis.close() },
      { name: 'telemetry', stop: () => telemetry.stop() },
    ];
    return { ...stopInOrder(steps), log: logger, shutdownTimeoutMs };
  }

  /** Names the setting that holds a port, for whoever finds it taken. */
  settingOfPort(port: number): string {
    return port === this.metricsPort ? 'METRICS_PORT' : 'PORT';
  }

  private async serveMetrics(env: Environment, { logger, metrics }: Telemetry): Promise<OpsServer | undefined> {
    const { enabled, port } = env.get(MetricsEnv);
    if (!enabled) return undefined;
    this.metricsPort = port;
    const ops = new OpsServer({ host: env.get(AppEnv).host, port, service: SERVICE, version: VERSION, metrics });
    logger.info('metrics ready', await ops.listen());
    return ops;
  }
}
