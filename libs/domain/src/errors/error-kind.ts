/**
 * What went wrong, as far as the caller must care. Each edge (HTTP, job, log) maps every kind with
 * `satisfies Record<ErrorKind, …>`, so a new kind does not compile until each edge has answered.
 */
export const ERROR_KINDS = [
  'invalid',
  'unauthenticated',
  'forbidden',
  'not-found',
  'conflict',
  'stale',
  'mismatch',
  'limited',
  'upstream',
  'unavailable',
] as const;

export type ErrorKind = (typeof ERROR_KINDS)[number];
