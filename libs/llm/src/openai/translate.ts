import type { DomainError } from '@flowmate/domain';
import {
  EgressAbortedError,
  EgressTimeoutError,
  RequestNotAllowedError,
  ResponseMalformedError,
  ResponseTooLargeError,
  UrlNotAllowedError,
  EgressError,
} from '@flowmate/egress';
import {
  ModelAbortedError,
  ModelBadRequestError,
  ModelError,
  ModelInvalidAnswerError,
  ModelTimeoutError,
  ModelUnavailableError,
} from '../model.errors.js';
import { errorOfStatus } from './provider-error.js';

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/** By shape, not by class: another realm's are as good. */
const isHeaders = (value: unknown): value is Headers => isRecord(value) && typeof value['get'] === 'function';

/** The SDK wraps what its `fetch` threw, once; its own messages quote the provider and are dropped here. */
function outboundError(error: unknown): DomainError | undefined {
  let at = error;
  // Two steps: the SDK's wrapper and what it wraps.
  for (let depth = 0; depth < 2 && isRecord(at); depth += 1) {
    if (at instanceof EgressError || at instanceof UrlNotAllowedError || at instanceof RequestNotAllowedError)
      return at;
    at = at['cause'];
  }
  return undefined;
}

function ofOutbound(cause: DomainError): ModelError {
  if (cause instanceof EgressAbortedError) return new ModelAbortedError();
  if (cause instanceof EgressTimeoutError) return new ModelTimeoutError({ reason: cause.phase, cause });
  if (cause instanceof ResponseTooLargeError) return new ModelInvalidAnswerError({ reason: 'too_large', cause });
  if (cause instanceof ResponseMalformedError) return new ModelInvalidAnswerError({ reason: 'not_readable', cause });
  if (cause instanceof EgressError) return new ModelUnavailableError({ reason: cause.code, cause });
  return new ModelBadRequestError({ reason: cause.code, cause });
}

/** The class of an error nobody foresaw, for the log; its message may quote a header or a body. */
function nameOf(error: unknown): string {
  const name = isRecord(error) ? String(error['name']) : typeof error;
  return /^[A-Za-z]{1,40}$/.test(name) ? name : 'error';
}

/** Whatever a call threw, as one of our errors. An error of the SDK is known by its status; nothing else of it is kept. */
export function translate(error: unknown): ModelError {
  if (error instanceof ModelError) return error;
  const outbound = outboundError(error);
  if (outbound) return ofOutbound(outbound);
  if (isRecord(error) && typeof error['status'] === 'number') {
    const { status, headers, error: body } = error;
    return errorOfStatus(Number(status), isHeaders(headers) ? headers : undefined, body);
  }
  return new ModelBadRequestError({ reason: `unexpected_${nameOf(error)}` });
}
