import type { LoadGate } from '../load-gate.js';
import type { Logger } from '../logging/logger.js';
import type { Metrics } from './metrics.js';

/** What a process says about itself besides the defaults: how late its loop is, and what its log lost. */
export function addProcessMetrics(metrics: Metrics, parts: { readonly logger: Logger; readonly gate: LoadGate }): void {
  const { logger, gate } = parts;
  metrics.countOf('flowmate_log_lines_dropped_total', 'Log lines that could not be written.', () => logger.dropped());
  metrics.gauge('flowmate_event_loop_lag_seconds', 'How late the event loop is.', () => gate.lagMs() / 1_000);
}
