import { DomainError } from '@flowmate/domain';
import { mongo } from 'mongoose';

/** A driver that looks every two seconds finds a store that is back within that time. */
const RETRY_AFTER_MS = 2_000;

/**
 * The database cannot be asked now, or did not answer in time. What was asked may have happened when `sent`:
 * whoever writes has to read before it tries again.
 */
export class DatabaseUnavailableError extends DomainError {
  readonly kind = 'unavailable';
  readonly code = 'database_unavailable';

  constructor(
    readonly sent: boolean,
    cause?: unknown,
  ) {
    super('The database does not answer at the moment.', {}, { retryAfterMs: RETRY_AFTER_MS, cause });
  }
}

/** A node that is no primary (any more), is being shut down, was too slow, or heard nothing of the majority; or a password that is being changed. */
const PASSING_CODES = new Set([18, 50, 64, 91, 189, 10_058, 10_107, 11_600, 11_602, 13_435, 13_436]);

/** Errors of the driver's own that say the same; two of them it does not export. */
const PASSING_NAMES = new Set([
  'MongoWaitQueueTimeoutError',
  'MongoPoolClosedError',
  'MongoOperationTimeoutError',
  'MongoNotConnectedError',
  'MongoServerClosedError',
  'MongoTopologyClosedError',
  'MongoClientClosedError',
  'MongoExpiredSessionError',
  'MongoStalePrimaryError',
]);

/** True when the driver could not get an answer, whatever the answer would have been. */
export function isUnavailable(error: unknown): boolean {
  if (error instanceof mongo.MongoServerError) return PASSING_CODES.has(Number(error.code));
  if (error instanceof mongo.MongoNetworkError || error instanceof mongo.MongoSystemError) return true;
  return error instanceof mongo.MongoError && PASSING_NAMES.has(error.name);
}
