import { DomainError } from '@flowmate/domain';
import type { HealthComponent } from './component.js';
import { ComponentWatch, type Outcome } from './component-watch.js';
import { HEALTH_LIMITS, type HealthLimits } from './limits.js';
import type { DetailedReport, Readiness, ReadinessReport } from './report.js';

export interface HealthMonitorOptions {
  readonly components: readonly HealthComponent[];
  readonly limits?: Partial<HealthLimits>;
  /** Told once per change, not once per check. */
  readonly onChange?: (change: HealthChange) => void;
}

export interface HealthChange {
  readonly component: string;
  readonly isUp: boolean;
  readonly reason?: string;
}

/**
 * Looks after the components in the background and answers at once from what it knows: a probe never waits for a
 * store, and a thousand probes cost no more than one.
 */
export class HealthMonitor {
  private readonly limits: HealthLimits;
  private readonly watches: readonly ComponentWatch[];
  private readonly stopped = new AbortController();
  private readonly timers = new Set<NodeJS.Timeout>();
  private isDraining = false;

  constructor(private readonly options: HealthMonitorOptions) {
    this.limits = { ...HEALTH_LIMITS, ...options.limits };
    this.watches = options.components.map((component) => new ComponentWatch(component, this.limits));
  }

  start(): void {
    for (const watch of this.watches) void this.look(watch);
  }

  /** First step of stopping: load balancers look elsewhere while the process still answers. */
  drain(): Promise<void> {
    this.isDraining = true;
    return Promise.resolve();
  }

  stop(): Promise<void> {
    this.stopped.abort();
    for (const timer of this.timers) clearTimeout(timer);
    return Promise.resolve();
  }

  readiness(): ReadinessReport {
    const components = this.watches.map(({ component, current }) => [component.name, { status: current }] as const);
    return { status: this.status(), components: Object.fromEntries(components) };
  }

  details(): DetailedReport {
    const now = performance.now();
    const components = this.watches.map((watch) => [watch.component.name, watch.report(now)] as const);
    return { status: this.status(), components: Object.fromEntries(components) };
  }

  private status(): Readiness {
    const missing = this.watches.filter(({ current }) => current !== 'up');
    if (this.isDraining || missing.some(({ component }) => component.isRequired)) return 'not_ready';
    return missing.length > 0 ? 'degraded' : 'ready';
  }

  private async look(watch: ComponentWatch): Promise<void> {
    const started = performance.now();
    const outcome = await this.ask(watch.component);
    if (this.stopped.signal.aborted) return;
    const at = performance.now();
    const isChanged = watch.record(outcome, at, at - started);
    if (isChanged) {
      const reason = 'reason' in outcome ? { reason: outcome.reason } : {};
      this.options.onChange?.({ component: watch.component.name, isUp: watch.current === 'up', ...reason });
    }
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      void this.look(watch);
    }, watch.pauseMs);
    timer.unref();
    this.timers.add(timer);
  }

  /** A check that ignores its signal is given up all the same. */
  private async ask(component: HealthComponent): Promise<Outcome> {
    const deadline = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<Outcome>((resolve) => {
      timer = setTimeout(() => {
        resolve({ reason: 'timeout' });
        deadline.abort();
      }, this.limits.checkTimeoutMs);
    });
    try {
      const signal = AbortSignal.any([deadline.signal, this.stopped.signal]);
      return await Promise.race([component.check(signal).then((facts) => ({ facts })), late]);
    } catch (error) {
      return { reason: error instanceof DomainError ? error.code : 'unreachable' };
    } finally {
      clearTimeout(timer);
    }
  }
}
