import { AppEnv, DatabaseEnv, LogEnv, MetricsEnv, TracingEnv, WorkerServerEnv, loadEnv } from '@flowmate/config';
import { refuseEmbeddedStore } from '@flowmate/database';
import { VERSION } from '@flowmate/domain';
import { stopInOrder, type Running } from '@flowmate/lifecycle';
import { OpsServer, startTelemetry } from '@flowmate/observability';
import { WORKER_ENV } from './config/worker.env.js';

const SERVICE = 'flowmate-worker';

/** Reads the configuration and starts what the worker has so far: its health and its metrics. */
export async function startWorker(): Promise<Running> {
  const env = loadEnv(WORKER_ENV);
  const { nodeEnv, host } = env.get(AppEnv);
  const { port, shutdownTimeoutMs } = env.get(WorkerServerEnv);
  const telemetry = await startTelemetry({
    service: SERVICE,
    version: VERSION,
    environment: nodeEnv,
    log: env.get(LogEnv),
    tracing: env.get(TracingEnv),
  });
  const asked = await refuseEmbeddedStore(env.get(AppEnv), env.get(DatabaseEnv));
  if (!asked) telemetry.logger.warn('the database does not answer: whether it is fit for production is not known');
  const metrics = env.get(MetricsEnv).enabled ? telemetry.metrics : undefined;
  const ops = new OpsServer({ host, port, service: SERVICE, version: VERSION, metrics });
  const address = await ops.listen();
  telemetry.logger.info('worker ready: it has no queue to take work from yet', address);

  const steps = [
    { name: 'health and metrics', stop: () => ops.close() },
    { name: 'telemetry', stop: () => telemetry.stop() },
  ];
  return { ...stopInOrder(steps), log: telemetry.logger, shutdownTimeoutMs };
}
