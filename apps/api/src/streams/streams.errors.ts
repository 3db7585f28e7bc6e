import { DomainError } from '@flowmate/domain';

/** Somebody leaves every few seconds. */
const RETRY_MS = 10_000;

export class NotAcceptableError extends DomainError {
  readonly kind = 'invalid';
  readonly code = 'not_acceptable';

  constructor() {
    super('A stream is text/event-stream, which Accept does not allow.');
  }
}

export class LastEventIdInvalidError extends DomainError {
  readonly kind = 'invalid';
  readonly code = 'last_event_id_invalid';

  constructor() {
    super('Last-Event-ID is not the id of an event of this stream.');
  }
}

export class StreamLimitError extends DomainError {
  readonly kind = 'limited';
  readonly code = 'sse_connection_limit';

  constructor() {
    super('You have as many live streams open as you may. Close one first.', {}, { retryAfterMs: RETRY_MS });
  }
}

export class StreamCapacityError extends DomainError {
  readonly kind = 'unavailable';
  readonly code = 'sse_capacity';

  constructor() {
    super('This server serves as many live streams as it can.', {}, { retryAfterMs: RETRY_MS });
  }
}
