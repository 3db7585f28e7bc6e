import { DomainError, InvalidInputError, type ErrorKind, type InputIssue } from '@flowmate/domain';
import { NotReadyError, type ReadinessReport } from '@flowmate/health';
import { MethodNotAllowedError } from './http.errors.js';

/** RFC 9457, with our stable code, the correlation id and, for input, what is wrong with it. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly instance: string;
  readonly code: string;
  readonly correlationId: string;
  readonly errors?: readonly InputIssue[];
  /** Readiness names what is missing. */
  readonly components?: ReadinessReport['components'];
}

export const PROBLEM_MEDIA_TYPE = 'application/problem+json';
export const PROBLEM_TYPE = `${PROBLEM_MEDIA_TYPE}; charset=utf-8`;

const STATUS = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  'not-found': 404,
  conflict: 409,
  stale: 412,
  mismatch: 422,
  limited: 429,
  upstream: 502,
  unavailable: 503,
} as const satisfies Record<ErrorKind, number>;

/** Codes of the transport that HTTP has a status of its own for. */
const STATUS_OF_CODE: Readonly<Record<string, number>> = {
  method_not_allowed: 405,
  not_acceptable: 406,
  request_timeout: 408,
  payload_too_large: 413,
  unsupported_media_type: 415,
  range_not_satisfiable: 416,
  expectation_failed: 417,
  precondition_required: 428,
  headers_too_large: 431,
};

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'Not authenticated',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Method not allowed',
  406: 'Not acceptable',
  408: 'Request timeout',
  409: 'Conflict',
  412: 'Precondition failed',
  413: 'Payload too large',
  415: 'Unsupported media type',
  416: 'Range not satisfiable',
  417: 'Expectation failed',
  422: 'Cannot be done as asked',
  428: 'Precondition required',
  429: 'Too many requests',
  431: 'Request headers too large',
  500: 'Internal error',
  502: 'A provider answered badly',
  503: 'Not available',
};

/** Whoever asked too early is told to wait at least this long. */
const DEFAULT_RETRY_AFTER_MS = 5_000;

const INTERNAL_CODE = 'internal';

export function statusOf(error: unknown): number {
  return error instanceof DomainError ? (STATUS_OF_CODE[error.code] ?? STATUS[error.kind]) : 500;
}

export function codeOf(error: unknown): string {
  return error instanceof DomainError ? error.code : INTERNAL_CODE;
}

/** What the caller learns. An error that is no `DomainError` gives away nothing but an id to ask about. */
export function toProblem(error: unknown, instance: string, correlationId: string): Problem {
  const status = statusOf(error);
  const code = codeOf(error);
  const detail =
    error instanceof DomainError
      ? error.message
      : 'Something went wrong on our side. Quote the correlation id when you report it.';
  return {
    type: `/api/docs/errors#${code}`,
    title: TITLES[status] ?? 'Error',
    status,
    detail,
    instance,
    code,
    correlationId,
    ...(error instanceof InvalidInputError ? { errors: error.issues } : {}),
    ...(error instanceof NotReadyError ? { components: error.report.components } : {}),
  };
}

/** Headers that a status owes its reader. */
export function problemHeaders(error: unknown): Record<string, string> {
  const status = statusOf(error);
  if (status === 401) return { 'www-authenticate': 'Bearer' };
  if (error instanceof MethodNotAllowedError) return { allow: error.allowed.join(', ') };
  if (status === 429 || status === 503) {
    const waitMs = (error instanceof DomainError ? error.retryAfterMs : undefined) ?? DEFAULT_RETRY_AFTER_MS;
    return { 'retry-after': String(Math.max(1, Math.ceil(waitMs / 1_000))) };
  }
  return {};
}
