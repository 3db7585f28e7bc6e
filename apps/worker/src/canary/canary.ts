import { setTimeout as delay } from 'node:timers/promises';
import type { CanaryRepository } from '@flowmate/database';
import type { Metrics, ObservingMetric } from '@flowmate/observability';
import { CANARY_JOB, handle, type CanarySighting, type JobHandler, type JobProducer } from '@flowmate/queue';
import type { Duty } from '../duties/duty.js';

export interface CanaryParts {
  readonly workerId: string;
  readonly producer: JobProducer;
  readonly repository: Pick<CanaryRepository, 'beat' | 'of'>;
  readonly metrics: Metrics;
}

/** From a round trip on one machine to the deadline. */
const BUCKETS_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const EVERY_MS = 15_000;
/** A consumer that was killed with it gives it to another one after fifteen seconds: then the next run finds it. */
const DEADLINE_MS = 10_000;
/** When another worker answered, only the record tells. */
const LOOK_MS = 1_000;

/**
 * Sends a job through Redis and any worker's consumer into MongoDB, and waits for it: the proof that work goes round,
 * and the pattern of every job. One canary per worker is in the queue at most, for its id is the worker's.
 */
export class Canary {
  private readonly roundTrips: ObservingMetric;
  private back = Promise.withResolvers<void>();
  private lastAt: number | undefined;
  private lastMs = 0;

  constructor(private readonly parts: CanaryParts) {
    this.roundTrips = parts.metrics.histogram({
      name: 'flowmate_canary_round_trip_seconds',
      help: 'Time of a job from its producer through Redis and a consumer into MongoDB.',
      buckets: BUCKETS_SECONDS,
    });
    parts.metrics.gauges(
      { name: 'flowmate_canary_age_seconds', help: 'Time since a canary of this worker came back.' },
      () => (this.ageMs() === undefined ? [] : [[[], (this.ageMs() ?? 0) / 1_000]]),
    );
  }

  readonly duty: Duty = {
    name: 'canary',
    everyMs: EVERY_MS,
    deadlineMs: DEADLINE_MS,
    run: (signal) => this.goRound(signal),
  };

  readonly handler: JobHandler = handle(CANARY_JOB, ({ workerId }) => this.answer(workerId));

  /** For health. */
  last(): CanarySighting {
    const ageMs = this.ageMs();
    return { ageMs, ...(ageMs !== undefined && { facts: { roundTripMs: Math.round(this.lastMs) } }) };
  }

  private async answer(workerId: string): Promise<void> {
    await this.parts.repository.beat(workerId);
    if (workerId === this.parts.workerId) this.back.resolve();
  }

  private async goRound(signal: AbortSignal): Promise<void> {
    const { workerId, producer } = this.parts;
    const before = await this.count();
    this.back = Promise.withResolvers<void>();
    const started = performance.now();
    await producer.add(CANARY_JOB, { id: `canary-${workerId}`, payload: { workerId } });
    await this.isBack(before, signal);
    this.lastAt = performance.now();
    this.lastMs = this.lastAt - started;
    this.roundTrips.observe(this.lastMs / 1_000);
  }

  private async isBack(before: number, signal: AbortSignal): Promise<void> {
    const here = this.back.promise.then(() => true);
    for (;;) {
      const pause = new AbortController();
      const later = delay(LOOK_MS, false, { signal: AbortSignal.any([signal, pause.signal]) });
      const isHere = await Promise.race([here, later]);
      later.catch(() => undefined);
      pause.abort();
      if (isHere || (await this.count()) > before) return;
    }
  }

  private async count(): Promise<number> {
    return (await this.parts.repository.of(this.parts.workerId))?.count ?? 0;
  }

  private ageMs(): number | undefined {
    return this.lastAt === undefined ? undefined : performance.now() - this.lastAt;
  }
}
