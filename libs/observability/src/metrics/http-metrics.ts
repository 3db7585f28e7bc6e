import type { CountingMetric, Metrics, ObservingMetric } from './metrics.js';

export interface FinishedRequest {
  readonly method: string;
  /** The template that matched, absent when none did. Never the path itself. */
  readonly route?: string | undefined;
  readonly status: number;
  readonly durationSeconds: number;
  /** The code of the error that was answered. */
  readonly code?: string | undefined;
}

const METHODS = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS']);
const UNKNOWN_METHOD = 'OTHER';
const UNMATCHED = 'unmatched';

/**
 * From 1 ms, which a cached answer takes, to the 30 s after which a waiting request is cut off. Two to three
 * steps per power of ten read p95 and p99 to within a factor of 2.5.
 */
const BUCKETS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** What is counted about every HTTP request. */
export class HttpMetrics {
  private readonly requests: CountingMetric;
  private readonly durations: ObservingMetric;
  private readonly errors: CountingMetric;
  private active = 0;

  constructor(metrics: Metrics) {
    this.requests = metrics.counter({
      name: 'http_requests_total',
      help: 'Finished HTTP requests.',
      labels: ['method', 'status', 'path'],
    });
    this.durations = metrics.histogram({
      name: 'http_request_duration_seconds',
      help: 'Time from the arrival of a request to the end of its answer.',
      labels: ['method', 'path'],
      buckets: BUCKETS_SECONDS,
    });
    this.errors = metrics.counter({
      name: 'http_requests_errors_total',
      help: 'HTTP requests answered with a status of 400 or more.',
      labels: ['method', 'path', 'status', 'code'],
    });
    metrics.gauge('http_requests_active', 'HTTP requests that wait for their answer.', () => this.active);
  }

  started(): void {
    this.active += 1;
  }

  finished(request: FinishedRequest): void {
    this.active -= 1;
    const method = METHODS.has(request.method) ? request.method : UNKNOWN_METHOD;
    const path = request.route ?? UNMATCHED;
    const status = String(request.status);
    this.requests.inc([method, status, path]);
    this.durations.observe(request.durationSeconds, [method, path]);
    if (request.status >= 400) this.errors.inc([method, path, status, request.code ?? '']);
  }
}
