import { DomainError } from '@flowmate/domain';

export class IdempotencyKeyInvalidError extends DomainError {
  readonly kind = 'invalid';
  readonly code = 'idempotency_key_invalid';

  constructor() {
    super('Idempotency-Key must be 1 to 255 visible ASCII characters.');
  }
}

/** The first request with this key is not done yet. */
export class IdempotencyInProgressError extends DomainError {
  readonly kind = 'conflict';
  readonly code = 'idempotency_in_progress';

  constructor() {
    super('The request with this Idempotency-Key is still under way. Ask again shortly.');
  }
}

export class IdempotencyKeyReusedError extends DomainError {
  readonly kind = 'mismatch';
  readonly code = 'idempotency_key_reused';

  constructor() {
    super('This Idempotency-Key belongs to a request with another body. Use a new one.');
  }
}
