import { setTimeout as delay } from 'node:timers/promises';
import { DomainError } from '@flowmate/domain';
import type { HealthComponent, HealthFacts } from '@flowmate/health';
import type { ConsumerActivity } from './queue-activity.js';

export interface ConsumerHealthParts {
  readonly activity: () => ConsumerActivity;
  /** How many bells wait for a consumer. Throws when Redis does not answer. */
  readonly waiting: () => Promise<number>;
  readonly now?: () => number;
  readonly limits?: Partial<WedgeLimits>;
}

export interface WedgeLimits {
  /** So long without a job although jobs wait: readiness is red. */
  readonly notReadyMs: number;
  /** So long: only a new process helps. */
  readonly notAliveMs: number;
  /** Redis counts as away when it is slower. */
  readonly answerMs: number;
}

/**
 * A consumer asks Redis every 5 s at the latest, and a client that lost its connection has another one within 10 s:
 * after four times that it does not come back. The second limit leaves as much time again for what mends itself.
 * Health gives a look up two seconds after it was begun; one that takes that long would count as bad.
 */
const LIMITS: WedgeLimits = { notReadyMs: 45_000, notAliveMs: 90_000, answerMs: 1_000 };
/** Looks come every 4 s at most. After a longer pause this process stood still, and the consumer with it. */
const MAX_PAUSE_MS = 15_000;

class ConsumerWedgedError extends DomainError {
  readonly kind = 'unavailable';
  readonly code = 'consumer_wedged';

  constructor() {
    super('Jobs wait, there is room for them, and the consumer takes none.');
  }
}

/**
 * Whether the main consumer takes the jobs that wait. It counts as wedged only while Redis answers and there is a free
 * slot: neither an outage of Redis nor a full worker may restart workers.
 */
export class ConsumerHealth implements HealthComponent {
  readonly name = 'consumer';
  readonly isRequired = true;
  private readonly now: () => number;
  private readonly limits: WedgeLimits;
  private takenBefore = 0;
  private lookedAt = Number.NEGATIVE_INFINITY;
  /** Since when all that makes a wedge was seen at every look. */
  private since: number | undefined;

  constructor(private readonly parts: ConsumerHealthParts) {
    this.now = parts.now ?? (() => performance.now());
    this.limits = { ...LIMITS, ...parts.limits };
  }

  /** For liveness: as of the last look, so that a probe never waits. */
  get isAlive(): boolean {
    return this.wedgedMs() < this.limits.notAliveMs;
  }

  async check(): Promise<HealthFacts> {
    const isWedged = await this.isWedged();
    const now = this.now();
    const hadPause = now - this.lookedAt > MAX_PAUSE_MS;
    this.lookedAt = now;
    if (!isWedged) this.since = undefined;
    else if (hadPause || this.since === undefined) this.since = now;
    const wedgedMs = this.wedgedMs();
    if (wedgedMs >= this.limits.notReadyMs) throw new ConsumerWedgedError();
    return isWedged ? { secondsWithoutJob: Math.round(wedgedMs / 1_000) } : {};
  }

  private wedgedMs(): number {
    return this.since === undefined ? 0 : this.lookedAt - this.since;
  }

  private async isWedged(): Promise<boolean> {
    const { isTaking, hasFreeSlot } = this.parts.activity();
    if (!isTaking || !hasFreeSlot || !(await this.doJobsWait())) return false;
    const now = this.parts.activity();
    const hasTaken = now.taken !== this.takenBefore;
    this.takenBefore = now.taken;
    return now.isTaking && now.hasFreeSlot && !hasTaken;
  }

  private async doJobsWait(): Promise<boolean> {
    const isAnswered = new AbortController();
    const late = delay(this.limits.answerMs, false, { signal: isAnswered.signal, ref: false });
    try {
      // That Redis is away is told by its own component; it says nothing about the consumer.
      const asked = this.parts.waiting().then((count) => count > 0);
      return await Promise.race([asked.catch(() => false), late.catch(() => false)]);
    } finally {
      isAnswered.abort();
    }
  }
}
