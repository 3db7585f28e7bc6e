import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { SeriesGuard } from './series-guard.js';

/**
 * The histogram of the event loop's lag wakes an idle process up to a hundred times a second, which is most of what it
 * uses then, and counts the time between two looks as lag. What a process measures itself is shown in its place.
 */
const LAG_PRECISION_MS = 3_600_000;
const LAG_HISTOGRAM = ['min', 'max', 'mean', 'stddev', 'p50', 'p90', 'p99'].map(
  (part) => `nodejs_eventloop_lag_${part}_seconds`,
);

interface MetricDescription<Label extends string> {
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly Label[];
}

/** Label values in the order in which the metric names its labels. */
export interface CountingMetric {
  inc(labelValues?: readonly string[], by?: number): void;
}

export interface ObservingMetric {
  observe(value: number, labelValues?: readonly string[]): void;
}

/**
 * The metrics of one process, in a registry of its own. Each metric made here holds at most 1,000 label
 * sets; what goes beyond is counted in `flowmate_metric_overflow_total`.
 */
export class Metrics {
  private readonly registry = new Registry();
  private readonly overflow: Counter<'metric'>;

  constructor() {
    collectDefaultMetrics({ register: this.registry, eventLoopMonitoringPrecision: LAG_PRECISION_MS });
    for (const name of LAG_HISTOGRAM) this.registry.removeSingleMetric(name);
    this.overflow = new Counter({
      name: 'flowmate_metric_overflow_total',
      help: 'Observations counted under "other" because the metric has too many label sets.',
      labelNames: ['metric'],
      registers: [this.registry],
    });
  }

  readonly contentType = Registry.PROMETHEUS_CONTENT_TYPE;

  counter<Label extends string>(description: MetricDescription<Label>): CountingMetric {
    const guard = this.guard(description);
    const counter = new Counter(this.configuration(description));
    return { inc: (values = [], by = 1) => counter.inc(guard.labels(values), by) };
  }

  histogram<Label extends string>(
    description: MetricDescription<Label> & { readonly buckets: readonly number[] },
  ): ObservingMetric {
    const guard = this.guard(description);
    const histogram = new Histogram({ ...this.configuration(description), buckets: [...description.buckets] });
    return { observe: (value, values = []) => histogram.observe(guard.labels(values), value) };
  }

  /** A value that is asked for when the metrics are read, and costs nothing until then. */
  gauge(name: string, help: string, read: () => number): void {
    const gauge: Gauge = new Gauge({ name, help, registers: [this.registry], collect: () => gauge.set(read()) });
  }

  /** Like {@link gauge}, with a value per label set; those that are not answered any more are gone. */
  gauges<Label extends string>(
    description: MetricDescription<Label>,
    read: () => Iterable<readonly [labelValues: readonly string[], value: number]>,
  ): void {
    const guard = this.guard(description);
    const gauge: Gauge = new Gauge({
      ...this.configuration(description),
      collect: () => {
        gauge.reset();
        for (const [values, value] of read()) gauge.set(guard.labels(values), value);
      },
    });
  }

  /** Like a gauge, for a number that something else counts up. */
  countOf(name: string, help: string, read: () => number): void {
    const counter: Counter = new Counter({
      name,
      help,
      registers: [this.registry],
      collect: () => {
        counter.reset();
        counter.inc(read());
      },
    });
  }

  /** All metrics in Prometheus' text format. */
  async text(): Promise<string> {
    return this.registry.metrics();
  }

  private guard<Label extends string>({ name, labels = [] }: MetricDescription<Label>): SeriesGuard<Label> {
    return new SeriesGuard(labels, () => this.overflow.inc({ metric: name }));
  }

  private configuration<Label extends string>({ name, help, labels = [] }: MetricDescription<Label>) {
    return { name, help, labelNames: [...labels], registers: [this.registry] };
  }
}
