import type { CanaryRepository } from '@flowmate/database';
import type { HealthComponent } from '@flowmate/health';
import { canaryHealth } from '@flowmate/queue';

/** Whether any worker does jobs: without one everything is accepted and nothing happens. */
export const workersHealth = (canaries: Pick<CanaryRepository, 'latest'>): HealthComponent =>
  canaryHealth(async () => {
    const last = await canaries.latest();
    // Clocks may be apart by what the database's own check forgives, half of what a canary may be late.
    return { ageMs: last ? Date.now() - last.at.getTime() : undefined };
  });
