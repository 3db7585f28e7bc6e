import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { WorkerRepository } from '@flowmate/database';
import type { Logger } from '@flowmate/observability';

interface LeaseTimings {
  readonly beatMs: number;
  /** Who has been silent for so long, by the clock of the store, is gone for ever. */
  readonly goneMs: number;
}

export interface WorkerLeaseParts {
  readonly workers: WorkerRepository;
  readonly timings: LeaseTimings;
  readonly logger: Logger;
  /** Told of each id that this worker takes; answers how to be told no more. */
  readonly onNamed?: (id: string) => () => void;
  /** Called with each beat before it is sent. */
  readonly onBeat?: () => void;
  /** Nothing may be sent from here on until the lease is good again, or for ever. */
  readonly onPause: (why: 'paused' | 'gone') => void;
}

type Witness = Awaited<ReturnType<WorkerRepository['lastHeard']>>[number];

/** The rest is for the clock of the store, and for what is on its way when the time is over. */
const TRUSTED_SHARE = 0.6;
/** Of the workers that were heard last, so many are asked since when somebody was heard. */
const WITNESSES = 20;
/** Nobody waits longer than a beat to learn that the store is back. */
const RETRY_SHARE = 0.2;

/**
 * The right of this worker to its runs. It holds as long as the store hears from it; nothing is sent once the last good
 * beat began too long ago, so that no other worker can have a run while this one still acts for it.
 */
export class WorkerLease {
  private current = `w-${randomUUID()}`;
  /** When the last beat that the store answered began; monotonic. */
  private goodSince = Number.NEGATIVE_INFINITY;
  /** Since when the store has heard some worker without a gap that matters; by its clock. */
  private heardSince = Number.POSITIVE_INFINITY;
  private storeTime = { at: Date.now(), heardAt: performance.now() };
  private isTold = true;
  private forgetName: (() => void) | undefined;
  private watch: NodeJS.Timeout | undefined;
  private waiters: Array<() => void> = [];
  private readonly stopping = new AbortController();
  private loop: Promise<void> = Promise.resolve();

  constructor(private readonly parts: WorkerLeaseParts) {}

  get id(): string {
    return this.current;
  }

  /** Looked at before everything that leaves the process. */
  get isGood(): boolean {
    return performance.now() - this.goodSince <= this.trustedMs;
  }

  /**
   * For how long the store has heard workers without a gap that matters: this one, and before it others. Who starts
   * where others are killed again and again would never have been there for long enough itself.
   */
  get heardForMs(): number {
    return this.isGood ? this.storeNow() - this.heardSince : 0;
  }

  start(): void {
    this.forgetName = this.parts.onNamed?.(this.current);
    this.loop = this.keepBeating();
  }

  /** Resolves when something may be sent again; the id may be another one then. */
  async whenGood(): Promise<void> {
    while (!this.isGood && !this.stopping.signal.aborted) {
      // oxlint-disable-next-line no-await-in-loop -- one wait, looked at again after each beat
      await new Promise<void>((resolve) => this.waiters.push(resolve));
    }
  }

  /** The clock of the store, never ahead of it by more than the two clocks drift apart within a beat. */
  storeNow(): number {
    return this.storeTime.at + (performance.now() - this.storeTime.heardAt);
  }

  /** Says goodbye, so that nobody waits for the silence. */
  async stop(): Promise<void> {
    this.stopping.abort();
    clearTimeout(this.watch);
    await this.loop;
    await this.parts.workers.leave(this.current).catch(() => undefined);
    this.wake();
  }

  private get trustedMs(): number {
    return this.parts.timings.goneMs * TRUSTED_SHARE;
  }

  private async keepBeating(): Promise<void> {
    const { beatMs } = this.parts.timings;
    let isKnown = false;
    while (!this.stopping.signal.aborted) {
      const began = performance.now();
      let wait = beatMs;
      try {
        this.parts.onBeat?.();
        // oxlint-disable-next-line no-await-in-loop -- one beat after the other
        const witnesses = this.isGood ? [] : await this.parts.workers.lastHeard(WITNESSES);
        // oxlint-disable-next-line no-await-in-loop -- see above
        const at = await this.say(isKnown);
        isKnown = at !== null;
        if (at) this.beaten(began, at, witnesses);
        else this.lose();
        if (!at) continue;
      } catch {
        // The database tells of itself; what matters here is only that the beat was not heard.
        wait = beatMs * RETRY_SHARE;
      }
      // oxlint-disable-next-line no-await-in-loop -- the pause between two beats
      await delay(wait, undefined, { signal: this.stopping.signal }).catch(() => undefined);
    }
  }

  private say(isKnown: boolean): Promise<Date | null> {
    const { workers } = this.parts;
    if (!isKnown) return workers.register(this.current);
    return workers.beat(this.current, this.isGood ? new Date(this.heardSince) : null);
  }

  private beaten(began: number, at: Date, witnesses: readonly Witness[]): void {
    if (!this.isGood) this.heardSince = this.sinceOf(witnesses, at.getTime());
    this.goodSince = began;
    this.storeTime = { at: at.getTime(), heardAt: performance.now() };
    this.isTold = false;
    clearTimeout(this.watch);
    this.watch = setTimeout(
      () => this.pause('paused'),
      Math.max(0, this.trustedMs - (performance.now() - began)),
    ).unref();
    this.wake();
  }

  /** Whoever was heard so shortly before that the store was there in between knows what was before. */
  private sinceOf(witnesses: readonly Witness[], at: number): number {
    const recent = witnesses.filter((witness) => at - witness.at.getTime() < this.trustedMs);
    return Math.min(at, ...recent.map(({ heardSince }) => heardSince.getTime()));
  }

  /** Judged gone: every run of this id is somebody else's now. */
  private lose(): void {
    this.goodSince = Number.NEGATIVE_INFINITY;
    this.parts.logger.warn('lease_lost: this worker was silent for too long; it goes on under a new name', {
      workerId: this.current,
    });
    this.current = `w-${randomUUID()}`;
    this.forgetName?.();
    this.forgetName = this.parts.onNamed?.(this.current);
    this.isTold = false;
    this.pause('gone');
  }

  private pause(why: 'paused' | 'gone'): void {
    if (this.isTold) return;
    this.isTold = true;
    if (why === 'paused') this.parts.logger.warn('the store does not hear this worker; it sends nothing until then');
    this.parts.onPause(why);
  }

  private wake(): void {
    const { waiters } = this;
    this.waiters = [];
    for (const resolve of waiters) resolve();
  }
}
