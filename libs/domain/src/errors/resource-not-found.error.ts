import { DomainError } from './domain-error.js';

/** Missing or not the caller's: the two are one answer, so that nobody learns what exists. */
export class ResourceNotFoundError extends DomainError {
  readonly kind = 'not-found';
  readonly code = 'resource_not_found';

  constructor() {
    super('There is no such thing, or it is not yours.');
  }
}
