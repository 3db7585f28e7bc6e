import type { CountingMetric, Metrics, ObservingMetric } from '@flowmate/observability';

export type DutyOutcome = 'ok' | 'failed' | 'timed_out';

/** From a look at an empty collection to the deadline of a slow duty. */
const BUCKETS_SECONDS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

export class DutyMetrics {
  private readonly runs: CountingMetric;
  private readonly durations: ObservingMetric;
  private readonly successes = new Map<string, number>();

  constructor(metrics: Metrics) {
    this.runs = metrics.counter({
      name: 'flowmate_duty_runs_total',
      help: 'Runs of a background duty, by how they ended.',
      labels: ['duty', 'outcome'],
    });
    this.durations = metrics.histogram({
      name: 'flowmate_duty_duration_seconds',
      help: 'Time that one run of a duty took.',
      labels: ['duty'],
      buckets: BUCKETS_SECONDS,
    });
    metrics.gauges(
      {
        name: 'flowmate_duty_last_success_timestamp_seconds',
        help: 'When a duty last ended well, in seconds since 1970.',
        labels: ['duty'],
      },
      () => [...this.successes].map(([duty, at]) => [[duty], at] as const),
    );
  }

  finished(duty: string, outcome: DutyOutcome, durationMs: number): void {
    this.runs.inc([duty, outcome]);
    this.durations.observe(durationMs / 1_000, [duty]);
    if (outcome === 'ok') this.successes.set(duty, Date.now() / 1_000);
  }
}
