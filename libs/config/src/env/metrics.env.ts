import { FromEnv } from '../setting.js';
import { boolean, integer, secret } from '../setting-kinds.js';
import type { Secret } from '../secret.js';
import { IsStrongSecret, Max } from '../validators.js';

export class MetricsEnv {
  static readonly title = 'Metrics and profiling';

  @FromEnv('ENABLE_METRICS', { kind: boolean, doc: 'Counts and serves Prometheus metrics.', default: true })
  enabled: boolean;

  @FromEnv('METRICS_AGENT_LABEL', {
    kind: boolean,
    doc: 'Durations of runs by agent: up to 300 agents per worker are told apart, the others share a label. Otherwise all do.',
    default: false,
  })
  byAgent: boolean;

  @FromEnv('METRICS_PORT', {
    kind: integer,
    doc: 'Port of the api’s own GET /metrics, for the scraper only: do not publish it.',
    default: 9090,
  })
  @Max(65_535)
  port: number;

  @FromEnv('METRICS_TOKEN', {
    kind: secret,
    doc: 'Bearer token for /api/metrics and /debug/pprof on the public port. Without it they do not exist.',
  })
  @IsStrongSecret()
  token: Secret | undefined;
}
