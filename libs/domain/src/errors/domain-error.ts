import type { ErrorKind } from './error-kind.js';

export interface DomainErrorOptions {
  readonly cause?: unknown;
  /** How long the caller should wait. Only `limited` and `unavailable` errors carry it. */
  readonly retryAfterMs?: number;
}

/**
 * A failure that the product foresaw. `message` may be shown to the caller and so never holds input
 * or internals; `details` goes to the log only. `code` is stable for ever.
 */
export abstract class DomainError extends Error {
  abstract readonly kind: ErrorKind;
  abstract readonly code: string;
  readonly retryAfterMs: number | undefined;

  constructor(
    message: string,
    readonly details: Readonly<Record<string, unknown>> = {},
    options: DomainErrorOptions = {},
  ) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.name = new.target.name;
    this.retryAfterMs = options.retryAfterMs;
  }
}
