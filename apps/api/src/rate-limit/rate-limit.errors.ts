import { DomainError } from '@flowmate/domain';

export class RateLimitedError extends DomainError {
  readonly kind = 'limited';
  readonly code = 'rate_limited';

  constructor(retryAfterMs: number) {
    super('There were too many requests. Wait before the next one.', {}, { retryAfterMs });
  }
}
