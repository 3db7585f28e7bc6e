import type { HealthComponent, HealthFacts } from './component.js';
import type { HealthLimits } from './limits.js';
import type { ComponentReport, ComponentStatus } from './report.js';

export type Outcome = { readonly facts: HealthFacts } | { readonly reason: string };

/** One component over time: a single bad answer does not make it down, a single good one does not bring it back. */
export class ComponentWatch {
  private status: ComponentStatus = 'starting';
  private hasBeenUp = false;
  private failures = 0;
  private successes = 0;
  private last: { readonly outcome: Outcome; readonly at: number; readonly latencyMs: number } | undefined;

  constructor(
    readonly component: HealthComponent,
    private readonly limits: HealthLimits,
  ) {}

  get current(): ComponentStatus {
    return this.status;
  }

  /** How long until the next look. */
  get pauseMs(): number {
    if (!this.hasBeenUp) return this.limits.startingMs;
    return this.status === 'up' && this.failures === 0 ? this.limits.calmMs : this.limits.troubledMs;
  }

  /** Answers whether the status is another one now. */
  record(outcome: Outcome, at: number, latencyMs: number): boolean {
    this.last = { outcome, at, latencyMs };
    const before = this.status;
    if ('reason' in outcome) {
      this.failures += 1;
      this.successes = 0;
      if (this.failures >= this.limits.failuresUntilDown) this.status = 'down';
    } else {
      this.successes += 1;
      this.failures = 0;
      // What was never up cannot flap.
      if (!this.hasBeenUp || before === 'up' || this.successes >= this.limits.successesUntilUp) this.status = 'up';
      this.hasBeenUp ||= this.status === 'up';
    }
    return this.status !== before;
  }

  report(now: number): ComponentReport {
    const { last } = this;
    return {
      status: this.status,
      isRequired: this.component.isRequired,
      failures: this.failures,
      ...(last && {
        latencyMs: Math.round(last.latencyMs),
        secondsSinceCheck: Math.round((now - last.at) / 1_000),
        ...last.outcome,
      }),
    };
  }
}
