import { RedisUnavailableError } from './redis.errors.js';

export interface Deadline {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** Gives an answer up when it does not come in time or is not wanted any more. */
export async function within<T>(answer: Promise<T>, { timeoutMs, signal }: Deadline): Promise<T> {
  const given = Promise.withResolvers<never>();
  const giveUp = (): void => given.reject(new RedisUnavailableError(true, 'it does not answer in time'));
  const timer = setTimeout(giveUp, timeoutMs);
  signal?.addEventListener('abort', giveUp);
  if (signal?.aborted) giveUp();
  try {
    return await Promise.race([answer, given.promise]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', giveUp);
  }
}
