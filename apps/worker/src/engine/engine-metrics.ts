import type { CountingMetric, Metrics, ObservingMetric } from '@flowmate/observability';
import { RunCounters } from '../usage/run-counters.js';
import type { RunSession } from './run-session.js';

/** From a run that only answers to one that works for minutes. */
const BUCKETS_SECONDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900];

/** Stands for every agent where they are not told apart. */
const ALL_AGENTS = 'all';

/** What a worker counts about its runs. Labels come from closed sets, but for the agent, whose sets are limited. */
export class EngineMetrics {
  private readonly durations: ObservingMetric;
  private readonly ended: CountingMetric;
  private readonly refusals: CountingMetric;
  private readonly retries: CountingMetric;
  private readonly counters: RunCounters;

  constructor(
    metrics: Metrics,
    private readonly settings: { readonly byAgent: boolean },
  ) {
    this.counters = new RunCounters(metrics);
    this.durations = metrics.histogram({
      name: 'agent_execution_duration_seconds',
      help: 'Time from the first claim of a run to its end, as the worker that ended it saw it.',
      labels: ['agentId', 'status'],
      buckets: BUCKETS_SECONDS,
    });
    this.ended = metrics.counter({
      name: 'flowmate_runs_left_total',
      help: 'Runs that left this worker, by the status that they left with.',
      labels: ['status'],
    });
    this.refusals = metrics.counter({
      name: 'flowmate_bells_refused_total',
      help: 'Bells that this worker did nothing about, by the reason.',
      labels: ['reason'],
    });
    this.retries = metrics.counter({
      name: 'flowmate_run_retries_total',
      help: 'Tries of model and tool calls beyond the first, in runs that ended.',
      labels: ['status'],
    });
  }

  refused(reason: string): void {
    this.refusals.inc([reason]);
  }

  rejected(reason: string): void {
    this.refusals.inc([`rejected_${reason}`]);
  }

  departed({ state, origin, journal }: RunSession, departure: 'left' | 'lost', ms: number): void {
    // Only looked at.
    if (departure === 'left' && state.seq === origin.seq) return;
    const status = departure === 'lost' ? 'lost' : state.status;
    this.ended.inc([status]);
    if (state.end === null) return;
    this.counters.ended(journal);
    this.durations.observe(ms / 1_000, [this.settings.byAgent ? origin.agentId : ALL_AGENTS, status]);
    if (state.retries > 0) this.retries.inc([status], state.retries);
  }
}
