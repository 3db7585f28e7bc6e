import {
  AppEnv,
  DatabaseEnv,
  LogEnv,
  MetricsEnv,
  ServerEnv,
  TracingEnv,
  developmentSecrets,
  loadEnv,
  type Environment,
} from '@flowmate/config';
import { refuseEmbeddedStore } from '@flowmate/database';
import { VERSION } from '@flowmate/domain';
import { stopInOrder, type Running } from '@flowmate/lifecycle';
import { OpsServer, startTelemetry, type Telemetry } from '@flowmate/observability';
import { SERVICE } from './about.js';
import { createApi } from './app.setup.js';
import { API_ENV } from './config/api.env.js';

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

    const asked = await refuseEmbeddedStore(env.get(AppEnv), env.get(DatabaseEnv));
    if (!asked) logger.warn('the database does not answer: whether it is fit for production is not known');

    const ops = await this.serveMetrics(env, telemetry);
    const { app } = await createApi({ env, ...telemetry });
    const { port, shutdownTimeoutMs } = env.get(ServerEnv);
    await app.listen(port, env.get(AppEnv).host);
    logger.info('no store is connected: this version serves what needs none');
    logger.info('api ready', { host: env.get(AppEnv).host, port: Number(new URL(await app.getUrl()).port) });

    const steps = [
      { name: 'http', stop: () => app.close() },
      { name: 'metrics', stop: () => ops?.close() ?? Promise.resolve() },
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
