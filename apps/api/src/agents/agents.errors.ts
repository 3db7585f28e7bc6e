import { DomainError } from '@flowmate/domain';

/** A look-alike, a tool of another workspace and one that never was are all the same: unknown. */
export class ToolUnknownError extends DomainError {
  readonly kind = 'invalid';
  readonly code = 'tool_unknown';

  constructor() {
    super('One of the tools does not exist. GET /api/v1/tools lists those that do.');
  }
}
