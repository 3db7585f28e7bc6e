import { DomainError } from '@flowmate/domain';

export class AuthRequiredError extends DomainError {
  readonly kind = 'unauthenticated';
  readonly code = 'auth_required';

  constructor() {
    super('This operation needs authentication.');
  }
}

export class AuthTokenInvalidError extends DomainError {
  readonly kind = 'unauthenticated';
  readonly code = 'auth_token_invalid';

  constructor() {
    super('The credentials were not accepted.');
  }
}
