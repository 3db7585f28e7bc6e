import type { ModelError } from './model.errors.js';

/** How a call ended, as far as the provider's health is concerned. `other`: it says nothing, such as an abort or a 400. */
export type CallOutcome = 'ok' | 'transient' | 'other';

export type Admission =
  | { readonly admitted: true; /** Give it back with the report. */ readonly ticket: number }
  | { readonly admitted: false; readonly retryInMs: number };

export interface BreakerOptions {
  /** A clock that never goes back, in milliseconds. */
  readonly now: () => number;
  readonly probeEveryMs?: number;
}

/**
 * So many failures with nothing good between them. One run makes four tries and must be able to fail by itself; from
 * the second run on it is the provider.
 */
const FAILURES_IN_A_ROW = 5;
/** A provider that fails half of at least ten calls within ten seconds is down too, though some get through. */
const WINDOW_MS = 10_000;
const WINDOW_MIN_CALLS = 10;
const FAILURE_SHARE = 0.5;
/** The latest are enough to judge by, and little to keep. */
const MAX_REMEMBERED = 256;
/** Failures further apart are not one outage. */
const FORGET_AFTER_MS = 60_000;
const PROBE_EVERY_MS = 30_000;
/** After a good probe this many calls may be under way, one more with each that goes well. */
const RAMP_START = 2;
/** More than a worker's default concurrency: from here on there is nothing left to limit. */
const RAMP_END = 64;
/** When the ramp is full, a place becomes free about this soon. */
const RAMP_RETRY_MS = 250;

interface Outcome {
  readonly at: number;
  readonly failed: boolean;
}

type State =
  | { readonly name: 'closed' }
  | { readonly name: 'open'; readonly nextProbeAt: number }
  | { readonly name: 'ramp'; readonly limit: number; readonly underWay: number; readonly movedAt: number };

/**
 * Knows whether a provider is worth asking. Closed: everybody may. Open: one probe in thirty seconds. Ramp: as many at
 * once as went well before. Every admitted call is reported once; one that never is costs a probe or a place, and a
 * ramp that nothing moves for thirty seconds forgets who was under way.
 */
export class Breaker {
  private state: State = { name: 'closed' };
  private failuresInARow = 0;
  private lastFailureAt = Number.NEGATIVE_INFINITY;
  private recent: Outcome[] = [];
  /** Counts the changes of state: a report from before the last one says nothing about now. */
  private era = 0;
  private readonly probeEveryMs: number;

  constructor(private readonly options: BreakerOptions) {
    this.probeEveryMs = options.probeEveryMs ?? PROBE_EVERY_MS;
  }

  get isOpen(): boolean {
    return this.state.name === 'open';
  }

  /** For how long nobody is admitted. Nothing changes by looking. */
  get shutForMs(): number {
    return this.state.name === 'open' ? Math.max(0, this.state.nextProbeAt - this.options.now()) : 0;
  }

  admit(): Admission {
    const now = this.options.now();
    if (this.state.name === 'closed') return { admitted: true, ticket: this.era };
    return this.state.name === 'open' ? this.admitProbe(this.state, now) : this.admitOnRamp(this.state, now);
  }

  report(outcome: CallOutcome, ticket: number = this.era): void {
    if (ticket !== this.era) return;
    const now = this.options.now();
    if (this.state.name === 'ramp') this.reportOnRamp(this.state, outcome, now);
    else if (this.state.name === 'open') this.reportProbe(outcome, now);
    else this.reportWhenClosed(outcome, now);
  }

  private admitProbe(state: State & { name: 'open' }, now: number): Admission {
    if (now < state.nextProbeAt) return { admitted: false, retryInMs: state.nextProbeAt - now };
    // A new era for the probe: an older call that ends now is not its result.
    this.change({ name: 'open', nextProbeAt: now + this.probeEveryMs });
    return { admitted: true, ticket: this.era };
  }

  private admitOnRamp(state: State & { name: 'ramp' }, now: number): Admission {
    const underWay = now - state.movedAt >= this.probeEveryMs ? 0 : state.underWay;
    if (underWay >= state.limit) return { admitted: false, retryInMs: RAMP_RETRY_MS };
    const movedAt = underWay === 0 ? now : state.movedAt;
    this.state = { ...state, underWay: underWay + 1, movedAt };
    return { admitted: true, ticket: this.era };
  }

  private reportProbe(outcome: CallOutcome, now: number): void {
    if (outcome === 'ok') this.change({ name: 'ramp', limit: RAMP_START, underWay: 0, movedAt: now });
  }

  private reportOnRamp(state: State & { name: 'ramp' }, outcome: CallOutcome, now: number): void {
    if (outcome === 'transient') return this.open(now);
    const underWay = Math.max(0, state.underWay - 1);
    const limit = state.limit + (outcome === 'ok' ? 1 : 0);
    if (limit >= RAMP_END) this.change({ name: 'closed' });
    else this.state = { name: 'ramp', limit, underWay, movedAt: now };
  }

  private reportWhenClosed(outcome: CallOutcome, now: number): void {
    if (outcome === 'other') return;
    const failed = outcome === 'transient';
    if (!failed || now - this.lastFailureAt > FORGET_AFTER_MS) this.failuresInARow = 0;
    if (failed) {
      this.failuresInARow += 1;
      this.lastFailureAt = now;
    }
    this.remember({ at: now, failed });
    if (failed && (this.failuresInARow >= FAILURES_IN_A_ROW || this.mostlyFails())) this.open(now);
  }

  private remember(outcome: Outcome): void {
    this.recent.push(outcome);
    // In pieces: to move the list with every call would cost more than the report.
    if (this.recent.length >= 2 * MAX_REMEMBERED) this.recent = this.recent.slice(-MAX_REMEMBERED);
  }

  private mostlyFails(): boolean {
    const now = this.options.now();
    const recent = this.recent.filter(({ at }) => now - at <= WINDOW_MS);
    const failures = recent.filter(({ failed }) => failed).length;
    return recent.length >= WINDOW_MIN_CALLS && failures >= recent.length * FAILURE_SHARE;
  }

  private open(now: number): void {
    this.change({ name: 'open', nextProbeAt: now + this.probeEveryMs });
    this.failuresInARow = 0;
    this.recent = [];
  }

  private change(state: State): void {
    this.state = state;
    this.era += 1;
  }
}

/**
 * What the end of a call says about its provider. One that refuses a request or a key is up; one that asks to wait has
 * said when to come back, and one that talks nonsense may be either.
 */
export function outcomeOf(error?: ModelError): CallOutcome {
  if (!error || error.nature === 'permanent') return 'ok';
  return error.nature === 'transient' && error.code !== 'llm_rate_limited' ? 'transient' : 'other';
}
