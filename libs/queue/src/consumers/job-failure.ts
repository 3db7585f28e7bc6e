import { DomainError, type ErrorKind } from '@flowmate/domain';

/** Whether doing the same again can help. */
const TRY_AGAIN = {
  invalid: false,
  unauthenticated: false,
  forbidden: false,
  'not-found': false,
  conflict: false,
  stale: false,
  mismatch: false,
  limited: true,
  upstream: true,
  unavailable: true,
} satisfies Record<ErrorKind, boolean>;

/** A queue that is retried more slowly than this is better off with a new bell. */
const MAX_BACKOFF_MS = 60_000;

/** What the queue is told of a failure: it stands in Redis, so it holds a code and no text. */
class JobFailedError extends Error {
  override readonly name = 'JobFailedError';

  constructor(
    code: string,
    readonly retryAfterMs: number | undefined,
  ) {
    super(code);
  }
}

export interface FailureVerdict {
  readonly mayTryAgain: boolean;
  readonly error: JobFailedError;
}

/** A failure that nobody foresaw may pass: it is tried again, too. */
export function verdictOn(error: unknown): FailureVerdict {
  if (!(error instanceof DomainError)) return { mayTryAgain: true, error: new JobFailedError('internal', undefined) };
  return { mayTryAgain: TRY_AGAIN[error.kind], error: new JobFailedError(error.code, error.retryAfterMs) };
}

/** Never earlier than the failure asks for; otherwise doubled with each try. */
export function backoffMs(attempt: number, firstMs: number, error: unknown): number {
  const asked = error instanceof JobFailedError ? error.retryAfterMs : undefined;
  return Math.max(asked ?? 0, Math.min(firstMs * 2 ** (attempt - 1), MAX_BACKOFF_MS));
}
