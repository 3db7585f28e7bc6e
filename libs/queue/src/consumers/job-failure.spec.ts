import { DomainError, ERROR_KINDS, type ErrorKind } from '@flowmate/domain';
import { backoffMs, verdictOn } from './job-failure.js';

class PlayedError extends DomainError {
  readonly code = 'played';

  constructor(
    readonly kind: ErrorKind,
    retryAfterMs?: number,
  ) {
    super('holds what must not be in Redis', {}, retryAfterMs === undefined ? {} : { retryAfterMs });
  }
}

describe('a job that failed', () => {
  it('is tried again when that can help', () => {
    const kinds = ERROR_KINDS.filter((kind) => verdictOn(new PlayedError(kind)).mayTryAgain);
    expect(kinds).toEqual(['limited', 'upstream', 'unavailable']);
  });

  it('is tried again when nobody foresaw how it failed', () => {
    expect(verdictOn(new TypeError('x is not a function'))).toMatchObject({ mayTryAgain: true });
    expect(verdictOn('thrown as a text').error.message).toBe('internal');
  });

  it('leaves a code in Redis and no text', () => {
    expect(verdictOn(new PlayedError('upstream')).error.message).toBe('played');
  });

  it('waits twice as long each time, a minute at most, and never less than it was asked to', () => {
    const plain = verdictOn(new PlayedError('unavailable')).error;
    expect([1, 2, 3, 20].map((attempt) => backoffMs(attempt, 500, plain))).toEqual([500, 1_000, 2_000, 60_000]);
    const asking = verdictOn(new PlayedError('limited', 90_000)).error;
    expect(backoffMs(1, 500, asking)).toBe(90_000);
  });
});
