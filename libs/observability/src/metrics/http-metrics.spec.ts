import { verifies } from '@flowmate/testing';
import { LoadGate } from '../load-gate.js';
import { createLogger } from '../logging/logger.js';
import { HttpMetrics } from './http-metrics.js';
import { Metrics } from './metrics.js';
import { addProcessMetrics } from './process-metrics.js';

const ok = { method: 'GET', route: '/api/v1/agents/:id', status: 200, durationSeconds: 0.02 };

/** The samples of one metric, as they stand in the text. */
async function samples(metrics: Metrics, name: string): Promise<string[]> {
  return (await metrics.text()).split('\n').filter((line) => new RegExp(`^${name}[ {]`).test(line));
}

describe(verifies('FM-79', 'FM-80', 'FR-19', 'FR-20', 'FS-10', 'HTTP metrics'), () => {
  it('count requests by method, status and route', async () => {
    const metrics = new Metrics();
    const http = new HttpMetrics(metrics);
    http.finished(ok);
    http.finished(ok);
    http.finished({ ...ok, status: 404 });
    expect(await samples(metrics, 'http_requests_total')).toEqual([
      'http_requests_total{method="GET",status="200",path="/api/v1/agents/:id"} 2',
      'http_requests_total{method="GET",status="404",path="/api/v1/agents/:id"} 1',
    ]);
  });

  it('hold durations in buckets from which p95 is read', async () => {
    const metrics = new Metrics();
    const http = new HttpMetrics(metrics);
    for (const durationSeconds of [0.0005, 0.02, 0.02, 29]) http.finished({ ...ok, durationSeconds });
    const buckets = await samples(metrics, 'http_request_duration_seconds_bucket');
    const path = 'path="/api/v1/agents/:id"';
    expect(buckets).toHaveLength(15);
    expect(buckets).toContain(`http_request_duration_seconds_bucket{le="0.001",method="GET",${path}} 1`);
    expect(buckets).toContain(`http_request_duration_seconds_bucket{le="0.025",method="GET",${path}} 3`);
    expect(buckets).toContain(`http_request_duration_seconds_bucket{le="30",method="GET",${path}} 4`);
  });

  it('count errors with their code', async () => {
    const metrics = new Metrics();
    const http = new HttpMetrics(metrics);
    http.finished(ok);
    http.finished({ ...ok, status: 403, code: 'forbidden' });
    http.finished({ ...ok, status: 500 });
    const path = 'path="/api/v1/agents/:id"';
    expect(await samples(metrics, 'http_requests_errors_total')).toEqual([
      `http_requests_errors_total{method="GET",${path},status="403",code="forbidden"} 1`,
      `http_requests_errors_total{method="GET",${path},status="500",code=""} 1`,
    ]);
  });

  it('tell how many requests are waiting', async () => {
    const metrics = new Metrics();
    const http = new HttpMetrics(metrics);
    http.started();
    http.started();
    http.finished(ok);
    expect(await samples(metrics, 'http_requests_active')).toEqual(['http_requests_active 1']);
  });
});

describe(verifies('K06', 'metric labels'), () => {
  it('name what matched no route "unmatched" and unknown methods "OTHER"', async () => {
    const metrics = new Metrics();
    const http = new HttpMetrics(metrics);
    for (let id = 0; id < 50; id += 1) http.finished({ ...ok, method: `X${id}`, route: undefined, status: 404 });
    expect(await samples(metrics, 'http_requests_total')).toEqual([
      'http_requests_total{method="OTHER",status="404",path="unmatched"} 50',
    ]);
  });

  it('never make more than 1,000 series of a metric, and count what came too late', async () => {
    const metrics = new Metrics();
    const http = new HttpMetrics(metrics);
    for (let id = 0; id < 1_500; id += 1) http.finished({ ...ok, route: `/r${id}` });
    const series = await samples(metrics, 'http_requests_total');
    expect(series).toHaveLength(1_000);
    expect(series.at(-1)).toBe('http_requests_total{method="other",status="other",path="other"} 501');
    expect(await samples(metrics, 'http_request_duration_seconds_count')).toHaveLength(1_000);
    expect(await samples(metrics, 'flowmate_metric_overflow_total')).toContain(
      'flowmate_metric_overflow_total{metric="http_requests_total"} 501',
    );
  });

  it('cannot break the format', async () => {
    const metrics = new Metrics();
    metrics.counter({ name: 'hits', help: 'Hits.', labels: ['tool'] }).inc(['a"}\n# forged']);
    expect(await samples(metrics, 'hits')).toEqual(['hits{tool="a\\"}\\n# forged"} 1']);
  });
});

describe('metrics', () => {
  it('include those of the process, in a registry of their own', async () => {
    const [one, two] = [new Metrics(), new Metrics()];
    one.counter({ name: 'only_here', help: 'Here.' }).inc();
    expect(await one.text()).toMatch(/^process_cpu_seconds_total /m);
    expect(await one.text()).toMatch(/^nodejs_heap_size_used_bytes /m);
    expect(await two.text()).not.toContain('only_here');
  });

  it('ask for gauges and counts when they are read', async () => {
    const metrics = new Metrics();
    let value = 1;
    metrics.gauge('depth', 'Depth.', () => value);
    metrics.countOf('lost_total', 'Lost.', () => value);
    value = 5;
    await metrics.text();
    expect(await samples(metrics, 'depth')).toEqual(['depth 5']);
    expect(await samples(metrics, 'lost_total')).toEqual(['lost_total 5']);
  });

  it('show the label sets that are there when they are read, and no others', async () => {
    const metrics = new Metrics();
    let jobs: ReadonlyArray<readonly [[string], number]> = [[['mail'], 2]];
    metrics.gauges({ name: 'waiting', help: 'Waiting.', labels: ['queue'] }, () => jobs);
    expect(await samples(metrics, 'waiting')).toEqual(['waiting{queue="mail"} 2']);
    jobs = [[['runs'], 1]];
    expect(await samples(metrics, 'waiting')).toEqual(['waiting{queue="runs"} 1']);
  });

  it('tell how late the loop is and what the log lost', async () => {
    const metrics = new Metrics();
    const destination = { write: () => undefined };
    const logger = createLogger({ level: 'info', format: 'json', service: 'api', environment: 'test', destination });
    const gate = new LoadGate({ every: () => () => undefined, now: () => now });
    let now = 0;
    gate.start();
    now = 2_000;
    addProcessMetrics(metrics, { logger, gate });
    await metrics.text();
    expect(await samples(metrics, 'flowmate_event_loop_lag_seconds')).toEqual(['flowmate_event_loop_lag_seconds 1.5']);
    expect(await samples(metrics, 'flowmate_log_lines_dropped_total')).toEqual(['flowmate_log_lines_dropped_total 0']);
  });
});
