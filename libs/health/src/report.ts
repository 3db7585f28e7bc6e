import type { HealthFacts } from './component.js';

/** `starting`: never asked with an answer yet. */
export type ComponentStatus = 'starting' | 'up' | 'down';
export type Readiness = 'ready' | 'degraded' | 'not_ready';

/** What everybody may see: which component it is, never why. */
export interface ReadinessReport {
  readonly status: Readiness;
  readonly components: Readonly<Record<string, { readonly status: ComponentStatus }>>;
}

/** What an operator sees. */
export interface ComponentReport {
  readonly status: ComponentStatus;
  readonly isRequired: boolean;
  /** Checks in a row that failed. */
  readonly failures: number;
  /** A stable word, never the text of an error: that may quote an address. */
  readonly reason?: string;
  readonly latencyMs?: number;
  readonly secondsSinceCheck?: number;
  readonly facts?: HealthFacts;
}

export interface DetailedReport {
  readonly status: Readiness;
  readonly components: Readonly<Record<string, ComponentReport>>;
}
