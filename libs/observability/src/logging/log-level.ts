import { DomainError, type ErrorKind } from '@flowmate/domain';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

const LEVEL_OF_KIND = {
  invalid: 'info',
  unauthenticated: 'info',
  forbidden: 'warn',
  'not-found': 'info',
  conflict: 'info',
  stale: 'info',
  mismatch: 'info',
  limited: 'info',
  upstream: 'warn',
  unavailable: 'warn',
} as const satisfies Record<ErrorKind, LogLevel>;

/** How loud a failure is: what the product foresaw by its kind, everything else is an error. */
export function levelOfError(error: unknown): LogLevel {
  return error instanceof DomainError ? LEVEL_OF_KIND[error.kind] : 'error';
}

/** Refused callers are a warning because a row of them is an attack. */
export function levelOfStatus(status: number): LogLevel {
  if (status >= 500) return 'error';
  return status === 401 || status === 403 ? 'warn' : 'info';
}
