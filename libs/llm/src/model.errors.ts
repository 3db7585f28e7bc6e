import { DomainError } from '@flowmate/domain';

/**
 * What a caller does about it. Transient: wait and ask again. Permanent: the same question fails again. Malformed: the
 * provider spoke, but it is no answer. Aborted: our own signal.
 */
export type ModelErrorNature = 'transient' | 'permanent' | 'malformed' | 'aborted';

export interface ModelErrorOptions {
  readonly status?: number | undefined;
  /** Which check failed, as a word of ours. */
  readonly reason?: string | undefined;
  readonly retryAfterMs?: number | undefined;
  /** Only an error of the outbound client: one of the SDK or of a parser quotes what the provider said. */
  readonly cause?: DomainError | undefined;
}

/** A model call without an answer. Nothing in it was said by the provider or by the prompt. */
export abstract class ModelError extends DomainError {
  abstract readonly nature: ModelErrorNature;

  constructor(message: string, options: ModelErrorOptions = {}) {
    const { status, reason, retryAfterMs, cause } = options;
    super(
      message,
      { status, reason },
      { ...(cause ? { cause } : {}), ...(retryAfterMs === undefined ? {} : { retryAfterMs }) },
    );
  }
}

/** The provider cannot be reached, says that it is down, or its answer broke off. */
export class ModelUnavailableError extends ModelError {
  readonly kind = 'unavailable';
  readonly code = 'llm_unavailable';
  readonly nature = 'transient';

  constructor(options?: ModelErrorOptions) {
    super('The model is not available at the moment.', options);
  }
}

export class ModelRateLimitedError extends ModelError {
  readonly kind = 'limited';
  readonly code = 'llm_rate_limited';
  readonly nature = 'transient';

  constructor(options?: ModelErrorOptions) {
    super('The provider of the model asks to wait.', options);
  }
}

export class ModelTimeoutError extends ModelError {
  readonly kind = 'unavailable';
  readonly code = 'llm_timeout';
  readonly nature = 'transient';

  constructor(options?: ModelErrorOptions) {
    super('The model did not answer in time.', options);
  }
}

export class ModelBadRequestError extends ModelError {
  readonly kind = 'upstream';
  readonly code = 'llm_bad_request';
  readonly nature = 'permanent';

  constructor(options?: ModelErrorOptions) {
    super('The provider of the model refused the request.', options);
  }
}

export class ModelAuthError extends ModelError {
  readonly kind = 'upstream';
  readonly code = 'llm_auth';
  readonly nature = 'permanent';

  constructor(options?: ModelErrorOptions) {
    super('The provider of the model refused the key.', options);
  }
}

export class ContextLengthError extends ModelError {
  readonly kind = 'mismatch';
  readonly code = 'context_length_exceeded';
  readonly nature = 'permanent';

  constructor(options?: ModelErrorOptions) {
    super('The conversation is longer than the model can read.', options);
  }
}

/** Not an answer: no events, no choices, calls without names or with one id twice, or more than is read. */
export class ModelInvalidAnswerError extends ModelError {
  readonly kind = 'upstream';
  readonly code = 'llm_invalid_answer';
  readonly nature = 'malformed';

  constructor(options?: ModelErrorOptions) {
    super('The answer of the model cannot be read.', options);
  }
}

export class ModelAbortedError extends ModelError {
  readonly kind = 'unavailable';
  readonly code = 'llm_aborted';
  readonly nature = 'aborted';

  constructor() {
    super('The call of the model was given up.');
  }
}
