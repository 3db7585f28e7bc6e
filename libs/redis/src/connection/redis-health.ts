import { DomainError } from '@flowmate/domain';
import type { HealthComponent } from '@flowmate/health';
import type { Redis } from './redis.js';

class RedisEvictionError extends DomainError {
  readonly kind = 'unavailable';
  readonly code = 'redis_eviction';

  constructor() {
    super('Redis throws keys away when its memory is full.');
  }
}

/**
 * Without Redis work is late, so its loss only degrades. One that throws jobs away is another matter: a process that
 * went on with it would look well.
 */
export const redisHealth = (redis: Pick<Redis, 'ping' | 'fitness' | 'isEvicting'>): HealthComponent => ({
  name: 'redis',
  get isRequired() {
    return redis.isEvicting;
  },
  check: async (signal) => {
    await redis.ping({ signal });
    if (redis.isEvicting) throw new RedisEvictionError();
    const { version = 'unknown', evictionPolicy = 'unknown' } = redis.fitness;
    return { version, evictionPolicy };
  },
});
