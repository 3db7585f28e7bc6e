import { DomainError } from '@flowmate/domain';

/** Why an address was refused. Closed: a test and the log tell the cases apart, the caller need not. */
export type UrlRefusal =
  | 'too_long'
  | 'control_character'
  | 'backslash'
  | 'malformed'
  | 'fragment'
  | 'credentials'
  | 'host_not_ascii'
  | 'scheme'
  | 'port'
  | 'trailing_dot'
  | 'single_label'
  | 'internal_name'
  | 'address_not_public';

/**
 * The address guard said no, before anything was sent: when a URL is stored, or when a name turns out
 * to resolve inside. One sentence for every reason, or the answer would tell which internal names exist.
 */
export class UrlNotAllowedError extends DomainError {
  readonly kind = 'invalid';
  readonly code = 'url_not_allowed';

  constructor(readonly reason: UrlRefusal) {
    super('This address is not allowed: it must be a public https URL without credentials, port or fragment.', {
      reason,
    });
  }
}

export type RequestRefusal = 'method' | 'header_name' | 'header_value' | 'header_reserved' | 'headers_too_large';

/** The request itself cannot be sent as asked. Nothing left the process. */
export class RequestNotAllowedError extends DomainError {
  readonly kind = 'invalid';
  readonly code = 'request_not_allowed';

  constructor(readonly reason: RequestRefusal) {
    super('This request cannot be sent: its method or one of its headers is not allowed.', { reason });
  }
}

/** How far the request had come when it failed. */
export interface ExchangeState {
  /** True once the first byte may have left. */
  readonly sent: boolean;
  /** Set once the answer's head has arrived. */
  readonly status?: number | undefined;
}

export const NOT_SENT: ExchangeState = { sent: false };

/**
 * The other side did not give a usable answer. `ambiguous` says whether it may have acted on the
 * request all the same: an ambiguous write is looked up or put before a person, never blindly repeated.
 */
export abstract class EgressError extends DomainError {
  readonly ambiguous: boolean;
  readonly status: number | undefined;

  constructor(message: string, state: ExchangeState, options: { cause?: unknown; phase?: string } = {}) {
    const { phase } = options;
    super(message, { ambiguous: state.sent, status: state.status, phase }, { cause: options.cause });
    this.ambiguous = state.sent;
    this.status = state.status;
  }
}

export type EgressPhase = 'connect' | 'headers' | 'body' | 'total';

export class EgressTimeoutError extends EgressError {
  readonly kind = 'unavailable';
  readonly code = 'upstream_timeout';

  constructor(
    readonly phase: EgressPhase,
    state: ExchangeState,
    cause?: unknown,
  ) {
    super('The other service timed out.', state, { phase, cause });
  }
}

/** No connection: name not found, refused, or a certificate that does not hold. Never ambiguous. */
export class EgressUnreachableError extends EgressError {
  readonly kind = 'unavailable';
  readonly code = 'upstream_unreachable';

  constructor(cause: unknown) {
    super('The other service could not be reached.', NOT_SENT, { cause });
  }
}

/** The connection broke, or stopped speaking HTTP, after the request had begun to leave. */
export class EgressInterruptedError extends EgressError {
  readonly kind = 'upstream';
  readonly code = 'upstream_interrupted';

  constructor(state: ExchangeState, cause: unknown) {
    super('The connection to the other service broke off.', state, { cause });
  }
}

export class ResponseTooLargeError extends EgressError {
  readonly kind = 'upstream';
  readonly code = 'upstream_response_too_large';

  constructor(state: ExchangeState, cause?: unknown) {
    super('The answer of the other service is larger than allowed.', state, { cause });
  }
}

/** The answer arrived whole but is not what it must be: not JSON, or compressed though we asked for plain. */
export class ResponseMalformedError extends EgressError {
  readonly kind = 'upstream';
  readonly code = 'upstream_response_malformed';

  /** Takes no cause: a parser's message quotes the text it failed on. */
  constructor(status: number) {
    super('The answer of the other service cannot be read.', { sent: true, status });
  }
}

/** The caller's own signal ended the request; `cause` is the signal's reason. */
export class EgressAbortedError extends EgressError {
  readonly kind = 'unavailable';
  readonly code = 'upstream_aborted';
  /** What SDKs look for to tell an abort from a failure; `fetch` rejects with this error too. */
  override readonly name = 'AbortError';

  constructor(state: ExchangeState, reason: unknown) {
    super('The request to the other service was given up.', state, { cause: reason });
  }
}
