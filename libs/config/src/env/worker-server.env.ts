import { FromEnv } from '../setting.js';
import { duration, integer } from '../setting-kinds.js';
import { Max, Min } from '../validators.js';

export class WorkerServerEnv {
  static readonly title = 'Worker';

  @FromEnv('WORKER_PORT', { kind: integer, doc: 'Port of the worker’s health and metrics.', default: 9091 })
  @Max(65_535)
  port: number;

  @FromEnv('WORKER_SHUTDOWN_TIMEOUT_MS', {
    kind: duration,
    doc: 'How long the worker may take to put down what it holds after SIGTERM.',
    default: 35_000,
  })
  @Min(100)
  @Max(86_400_000)
  shutdownTimeoutMs: number;
}
