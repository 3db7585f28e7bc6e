import { DomainError } from './domain-error.js';

/** One thing wrong with the input: where, which rule, and a sentence. Never the value itself. */
export interface InputIssue {
  readonly path: string;
  readonly rule: string;
  readonly message: string;
}

export class InvalidInputError extends DomainError {
  readonly kind = 'invalid';
  readonly code = 'validation_failed';

  constructor(readonly issues: readonly InputIssue[]) {
    super('The request does not match what this operation expects.');
  }
}
