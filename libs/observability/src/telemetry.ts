import { LoadGate } from './load-gate.js';
import { createLogger, type Logger, type LoggerOptions } from './logging/logger.js';
import { Metrics } from './metrics/metrics.js';
import { addProcessMetrics } from './metrics/process-metrics.js';
import { startTracing, type TracingOptions } from './tracing/tracing.js';

export interface TelemetryOptions {
  readonly service: string;
  readonly version: string;
  readonly environment: string;
  readonly log: Pick<LoggerOptions, 'level' | 'format' | 'destination'>;
  readonly tracing: Pick<TracingOptions, 'enabled' | 'endpoint' | 'sampleRatio'>;
}

/** Everything by which a process tells what it does. */
export interface Telemetry {
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly gate: LoadGate;
  stop(): Promise<void>;
}

/** Starts logs, metrics, traces and the watch on the event loop: the same for every process. */
export async function startTelemetry(options: TelemetryOptions): Promise<Telemetry> {
  const { service, version, environment } = options;
  const logger = createLogger({ ...options.log, service, environment });
  const onLoss = (spans: number): void =>
    logger.warn('the trace collector does not take our spans', { dropped: spans });
  const tracing = await startTracing({ ...options.tracing, serviceName: service, version, onLoss });
  const metrics = new Metrics();
  const gate = new LoadGate();
  gate.start();
  addProcessMetrics(metrics, { logger, gate });
  return {
    logger,
    metrics,
    gate,
    stop: async () => {
      gate.stop();
      await tracing.stop();
    },
  };
}
