import { DomainError } from '@flowmate/domain';
import type { HealthComponent } from '@flowmate/health';
import type { Database } from './database.js';

/** Tokens are forgiven half a minute of wrong clocks, so no process may be further off than that. */
const MAX_SKEW_MS = 30_000;

class ClockSkewError extends DomainError {
  readonly kind = 'unavailable';
  readonly code = 'clock_skew';

  constructor(skewMs: number) {
    super('The clock of this process and that of the database are too far apart.', { skewMs });
  }
}

/** The record of everything: without it nothing is served, nor with a clock that it contradicts. */
export const databaseHealth = (database: Pick<Database, 'ping'>): HealthComponent => ({
  name: 'mongodb',
  isRequired: true,
  check: async (signal) => {
    const { ms, storeTime } = await database.ping({ signal });
    // The store read its clock in the middle of the round trip.
    const clockSkewMs = Math.round(Date.now() - ms / 2 - storeTime.getTime());
    if (Math.abs(clockSkewMs) > MAX_SKEW_MS) throw new ClockSkewError(clockSkewMs);
    return { clockSkewMs };
  },
});
