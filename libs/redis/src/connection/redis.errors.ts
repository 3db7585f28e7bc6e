import { DomainError } from '@flowmate/domain';
import { reasonOf } from './connect-failure.js';

/** Connections are tried again at least every two seconds. */
const RETRY_AFTER_MS = 2_000;

/**
 * Redis cannot be asked now, did not answer in time, or takes no writes. What was asked may have happened when
 * `sent`. Nothing is lost with it: what matters is in MongoDB.
 */
export class RedisUnavailableError extends DomainError {
  readonly kind = 'unavailable';
  readonly code = 'redis_unavailable';

  constructor(
    readonly sent: boolean,
    readonly reason: string,
  ) {
    super('Redis does not answer at the moment.', { reason }, { retryAfterMs: RETRY_AFTER_MS });
  }
}

/** First words of answers that say "not now" or "not me"; nothing was done. */
const PASSING = /^(LOADING|READONLY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|BUSY|OOM|MISCONF|NOREPLICAS|NOAUTH|WRONGPASS)\b/;
const LOST = new Set([
  'Connection is closed.',
  'Command timed out',
  'Connection closed',
  'Command aborted due to connection close',
]);
const NEVER_SENT = "Stream isn't writeable and enableOfflineQueue options is false";

/**
 * The same failure as one of ours, when it is about Redis and not about what was asked. The errors of the client are
 * not passed on as a cause: they hold the arguments of their command, which may be the password.
 */
export function unavailability(error: unknown): RedisUnavailableError | undefined {
  if (error instanceof RedisUnavailableError) return error;
  const { name, message, code } = (error ?? {}) as { name?: unknown; message?: unknown; code?: unknown };
  if (typeof message !== 'string') return undefined;
  if (message === NEVER_SENT) return new RedisUnavailableError(false, 'it is not connected');
  const isRefused = name === 'ReplyError' && PASSING.test(message);
  const isLost =
    LOST.has(message) ||
    name === 'MaxRetriesPerRequestError' ||
    name === 'AbortError' ||
    message.startsWith('Socket timeout') ||
    (typeof code === 'string' && /^E[A-Z]+$/.test(code));
  return isRefused || isLost ? new RedisUnavailableError(isLost, reasonOf(error)) : undefined;
}
