import type { CountingMetric, Metrics, ObservingMetric } from '@flowmate/observability';

/** `handed_back`: this process stops. `lost`: another worker may have it, or Redis was flushed. */
export type JobOutcome =
  'completed' | 'failed' | 'retried' | 'timed_out' | 'handed_back' | 'lost' | 'invalid' | 'unknown';

/** From a canary's millisecond to a run's minutes. */
const BUCKETS_SECONDS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900];
/** A name of a version that we do not know could be anything. */
export const UNKNOWN_JOB = 'unknown';

export class JobMetrics {
  private readonly jobs: CountingMetric;
  private readonly durations: ObservingMetric;

  constructor(metrics: Metrics) {
    this.jobs = metrics.counter({
      name: 'flowmate_jobs_total',
      help: 'Jobs that were taken from a queue, by what became of them.',
      labels: ['job', 'outcome'],
    });
    this.durations = metrics.histogram({
      name: 'flowmate_job_duration_seconds',
      help: 'Time that one try of a job took.',
      labels: ['job'],
      buckets: BUCKETS_SECONDS,
    });
  }

  dropped(job: string, outcome: 'invalid' | 'unknown'): void {
    this.jobs.inc([job, outcome]);
  }

  finished(job: string, outcome: JobOutcome, durationMs: number): void {
    this.jobs.inc([job, outcome]);
    this.durations.observe(durationMs / 1_000, [job]);
  }
}
