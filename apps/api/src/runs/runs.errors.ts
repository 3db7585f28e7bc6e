import { DomainError } from '@flowmate/domain';

/** A worker frees a place every few milliseconds, or something is wrong and it takes longer. */
const QUEUE_RETRY_MS = 5_000;

export class RunQueueFullError extends DomainError {
  readonly kind = 'limited';
  readonly code = 'run_queue_full';

  constructor() {
    super('As many runs of this workspace wait as may. Start it again later.', {}, { retryAfterMs: QUEUE_RETRY_MS });
  }
}

export class RunsPerDayError extends DomainError {
  readonly kind = 'limited';
  readonly code = 'run_day_limit';

  constructor(retryAfterMs: number) {
    super('This workspace has started as many runs today as it may.', {}, { retryAfterMs });
  }
}

/** The instance holds as many waiting runs as it may: more would only wait longer. */
export class BacklogFullError extends DomainError {
  readonly kind = 'unavailable';
  readonly code = 'dependency_unavailable';

  constructor() {
    super('The instance is behind with its work and takes no more runs at the moment.', {}, { retryAfterMs: 10_000 });
  }
}

export class RunNotCancellableError extends DomainError {
  readonly kind = 'conflict';
  readonly code = 'run_not_cancellable';

  constructor() {
    super('The run has ended already.');
  }
}

export class RunNotEndedError extends DomainError {
  readonly kind = 'conflict';
  readonly code = 'run_not_ended';

  constructor() {
    super('The run is still going on. Cancel it first, or wait for its end.');
  }
}

/** The caller may insist: he may know that the effect is wanted twice, or did not happen. */
export class RetryRepeatsEffectsError extends DomainError {
  readonly kind = 'conflict';
  readonly code = 'retry_repeats_effects';

  constructor() {
    super('The run has changed something, or may have; a retry would do it again. Send {"repeat": true} to do so.');
  }
}

export class ReviewNotOpenError extends DomainError {
  readonly kind = 'conflict';
  readonly code = 'review_not_open';

  constructor() {
    super('No call of this run with this number waits for a review.');
  }
}

/** Others write to this run all the time. */
export class RunBusyError extends DomainError {
  readonly kind = 'unavailable';
  readonly code = 'run_busy';

  constructor() {
    super('The run changes faster than this could be decided. Try again.', {}, { retryAfterMs: 1_000 });
  }
}

export class RangeNotSatisfiableError extends DomainError {
  readonly kind = 'invalid';
  readonly code = 'range_not_satisfiable';

  constructor() {
    super('The text has no such part.');
  }
}
