export { ERROR_KINDS, type ErrorKind } from './errors/error-kind.js';
export { DomainError, type DomainErrorOptions } from './errors/domain-error.js';
export { InvalidInputError, type InputIssue } from './errors/invalid-input.error.js';
export type { OwnerScope } from './owner-scope.js';
export { VERSION } from './version.js';
