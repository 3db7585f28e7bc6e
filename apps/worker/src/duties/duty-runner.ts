import { setTimeout as delay } from 'node:timers/promises';
import type { Logger, Metrics } from '@flowmate/observability';
import { correlationIdFrom, runWithContext, withSpan } from '@flowmate/observability';
import type { Duty } from './duty.js';
import { DutyMetrics, type DutyOutcome } from './duty-metrics.js';

export interface DutyRunnerParts {
  readonly duties: readonly Duty[];
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Whether there is something to work with: looked at before the first time only. */
  readonly isReady?: () => boolean;
  /** From 0 to 1; spreads what many workers do over time. */
  readonly random?: () => number;
}

/** A fleet that was started at once does not ask the stores all at once. */
const FIRST_WITHIN_MS = 1_000;
const JITTER = 0.1;
/** Nobody notices that a duty begins that much later. */
const LOOK_MS = 100;
/** For duties that were told to stop. One that does not is left behind: each is safe to be killed in. */
const STOP_MS = 2_000;

/** Runs the duties of a worker, each by itself: one that fails or hangs holds up no other, and never overlaps itself. */
export class DutyRunner {
  private readonly metrics: DutyMetrics;
  private readonly random: () => number;
  private readonly stopping = new AbortController();
  private readonly failing = new Set<string>();
  private loops: ReadonlyArray<Promise<void>> = [];

  constructor(private readonly parts: DutyRunnerParts) {
    this.metrics = new DutyMetrics(parts.metrics);
    this.random = parts.random ?? Math.random;
  }

  start(): void {
    this.loops = this.parts.duties.map((duty) => this.repeat(duty));
  }

  /** Tells the duties that run to stop, and begins none. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await Promise.race([Promise.all(this.loops), delay(STOP_MS, undefined, { ref: false })]);
  }

  private async repeat(duty: Duty): Promise<void> {
    const { signal } = this.stopping;
    await this.untilReady(signal);
    await this.pause(FIRST_WITHIN_MS * this.random());
    while (!signal.aborted) {
      await this.once(duty);
      await this.pause(duty.everyMs * (1 + JITTER * (2 * this.random() - 1)));
    }
  }

  /** Ends when the duty itself has ended, so that a late one is not joined by the next. */
  private async once(duty: Duty): Promise<void> {
    const deadline = new AbortController();
    const started = performance.now();
    const timer = setTimeout(() => {
      deadline.abort();
      this.tellFailure(duty.name, new Error('The duty did not end in time.'));
    }, duty.deadlineMs).unref();
    let outcome: DutyOutcome = 'ok';
    try {
      const signal = AbortSignal.any([deadline.signal, this.stopping.signal]);
      await runWithContext({ correlationId: correlationIdFrom(undefined) }, () =>
        withSpan(`duty ${duty.name}`, {}, () => duty.run(signal)),
      );
    } catch (error) {
      if (this.stopping.signal.aborted) return;
      outcome = 'failed';
      this.tellFailure(duty.name, error);
    } finally {
      clearTimeout(timer);
    }
    if (deadline.signal.aborted) outcome = 'timed_out';
    this.metrics.finished(duty.name, outcome, performance.now() - started);
    if (outcome === 'ok' && this.failing.delete(duty.name))
      this.parts.logger.info(`the duty ${duty.name} does well again`, { component: duty.name });
  }

  /** Once until it does well again: a store that is gone would fail it every few seconds. */
  private tellFailure(name: string, error: unknown): void {
    if (this.failing.has(name)) return;
    this.failing.add(name);
    this.parts.logger.failure(`the duty ${name} failed; it is tried again`, error, { component: name });
  }

  /** A duty of a worker whose store is not there yet would only fail, and say so to somebody who has just started. */
  private async untilReady(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && this.parts.isReady?.() === false) await this.pause(LOOK_MS);
  }

  private async pause(ms: number): Promise<void> {
    // An abort only ends the pause.
    await delay(ms, undefined, { signal: this.stopping.signal }).catch(() => undefined);
  }
}
