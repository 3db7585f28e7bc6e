import { DomainError } from '@flowmate/domain';
import type { HttpRequest } from './http.types.js';

/** Whoever changes something must say which version he has seen, or he could undo what somebody else just did. */
export class PreconditionRequiredError extends DomainError {
  readonly kind = 'invalid';
  readonly code = 'precondition_required';

  constructor() {
    super('This change needs If-Match with the ETag of the version that it is based on.');
  }
}

export class VersionMismatchError extends DomainError {
  readonly kind = 'stale';
  readonly code = 'version_mismatch';

  constructor() {
    super('Somebody has changed this meanwhile. Read it again.');
  }
}

/** Our versions count from 1; a billion saves are none. */
const ETAG = /^"([1-9]\d{0,8})"$/;

export const etagOf = (version: number): string => `"${version}"`;

/** The version that a change is based on. What is none of ours cannot be the newest. */
export function versionInIfMatch({ headers }: HttpRequest): number {
  const given = headers['if-match'];
  if (given === undefined) throw new PreconditionRequiredError();
  const [, version] = ETAG.exec(given) ?? [];
  if (version === undefined) throw new VersionMismatchError();
  return Number(version);
}
