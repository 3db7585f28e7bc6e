import { DomainError } from '@flowmate/domain';
import type { HealthComponent, HealthFacts } from '@flowmate/health';

export interface CanarySighting {
  /** Since the last one came back; absent when none did so far. */
  readonly ageMs: number | undefined;
  readonly facts?: HealthFacts;
}

/** Four canaries in a row that did not come back: one can be lost to a restart. */
const MAX_AGE_MS = 60_000;

class CanaryMissingError extends DomainError {
  readonly kind = 'unavailable';
  readonly code = 'canary_missing';

  constructor() {
    super('No job went through the queue for a minute.');
  }
}

/** Whether jobs go round, not only whether the stores answer. The first one has as much time as any other. */
export function canaryHealth(
  look: (signal: AbortSignal) => Promise<CanarySighting>,
  maxAgeMs = MAX_AGE_MS,
): HealthComponent {
  const since = performance.now();
  return {
    name: 'canary',
    isRequired: false,
    check: async (signal) => {
      const { ageMs, facts } = await look(signal);
      if ((ageMs ?? performance.now() - since) > maxAgeMs) throw new CanaryMissingError();
      return { ...facts, ...(ageMs !== undefined && { secondsSinceLast: Math.max(0, Math.round(ageMs / 1_000)) }) };
    },
  };
}
