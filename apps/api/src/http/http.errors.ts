import { DomainError } from '@flowmate/domain';

/** No route has this path. */
export class RouteNotFoundError extends DomainError {
  readonly kind = 'not-found';
  readonly code = 'not_found';

  constructor() {
    super('There is nothing at this address.');
  }
}

/** The path exists, but not with this method. The answer names those it has. */
export class MethodNotAllowedError extends DomainError {
  readonly kind = 'not-found';
  readonly code = 'method_not_allowed';

  constructor(readonly allowed: readonly string[]) {
    super('This address does not support the method.');
  }
}

export class PayloadTooLargeError extends DomainError {
  readonly kind = 'invalid';
  readonly code = 'payload_too_large';

  constructor() {
    super('The body is larger than this operation accepts.');
  }
}

export class UnsupportedMediaTypeError extends DomainError {
  readonly kind = 'invalid';
  readonly code = 'unsupported_media_type';

  constructor() {
    super('The body must be uncompressed application/json in UTF-8.');
  }
}

export class JsonMalformedError extends DomainError {
  readonly kind = 'invalid';
  readonly code = 'json_malformed';

  constructor() {
    super('The body is not valid JSON.');
  }
}

export class JsonTooDeepError extends DomainError {
  readonly kind = 'invalid';
  readonly code = 'json_too_deep';

  constructor() {
    super('The body nests deeper than 32 levels.');
  }
}

export class JsonTooManyValuesError extends DomainError {
  readonly kind = 'invalid';
  readonly code = 'json_too_many_values';

  constructor() {
    super('The body holds more than 10,000 fields and elements.');
  }
}

/** The server refused the bytes before they were a request: see `raw-errors.ts`. */
export class BadRequestError extends DomainError {
  readonly kind = 'invalid';
  readonly code = 'bad_request';

  constructor() {
    super('The request is not well-formed HTTP.');
  }
}

export class RequestTimeoutError extends DomainError {
  readonly kind = 'invalid';
  readonly code = 'request_timeout';

  constructor() {
    super('The request took too long to arrive.');
  }
}

export class HeadersTooLargeError extends DomainError {
  readonly kind = 'invalid';
  readonly code = 'headers_too_large';

  constructor() {
    super('The request headers are larger than the server accepts.');
  }
}

export class ExpectationFailedError extends DomainError {
  readonly kind = 'invalid';
  readonly code = 'expectation_failed';

  constructor() {
    super('The server meets no expectation but 100-continue.');
  }
}

/** The event loop is behind: new work would only make it worse. */
export class OverloadedError extends DomainError {
  readonly kind = 'unavailable';
  readonly code = 'overloaded';

  constructor() {
    super('The server is overloaded. Try again shortly.', {}, { retryAfterMs: 1_000 });
  }
}
