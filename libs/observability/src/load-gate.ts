/** How often the loop is looked at: often enough to notice, too seldom to cost anything. */
const TICK_MS = 500;
/** From here on callers have waited so long that new work only makes it worse. */
const OVERLOAD_MS = 1_000;

export interface LagTimer {
  /** Calls back about every `intervalMs`; the returned function ends that. */
  every(intervalMs: number, tick: () => void): () => void;
  now(): number;
}

const realTimer: LagTimer = {
  every: (intervalMs, tick) => {
    const timer = setInterval(tick, intervalMs).unref();
    return () => clearInterval(timer);
  },
  now: () => performance.now(),
};

/**
 * Measures how late the event loop is: a timer that comes late shows how long everything else waited.
 * Tells an overloaded process apart from a busy one, so that it can refuse work while it still answers.
 */
export class LoadGate {
  private expectedAt = 0;
  private lastLagMs = 0;
  private end: (() => void) | undefined;

  constructor(private readonly timer: LagTimer = realTimer) {}

  start(): void {
    if (this.end) return;
    this.expectedAt = this.timer.now() + TICK_MS;
    this.end = this.timer.every(TICK_MS, () => this.tick());
  }

  stop(): void {
    this.end?.();
    this.end = undefined;
    this.lastLagMs = 0;
  }

  /** The lag of the last tick, or of the tick that is overdue right now if that is more. */
  lagMs(): number {
    const overdue = this.end ? this.timer.now() - this.expectedAt : 0;
    return Math.max(0, this.lastLagMs, overdue);
  }

  isOverloaded(): boolean {
    return this.lagMs() > OVERLOAD_MS;
  }

  private tick(): void {
    const now = this.timer.now();
    this.lastLagMs = Math.max(0, now - this.expectedAt);
    this.expectedAt = now + TICK_MS;
  }
}
