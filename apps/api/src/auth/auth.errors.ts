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

export class AuthTokenExpiredError extends DomainError {
  readonly kind = 'unauthenticated';
  readonly code = 'auth_token_expired';

  constructor() {
    super('The access token has expired. Refresh it.');
  }
}

export class ForbiddenRoleError extends DomainError {
  readonly kind = 'forbidden';
  readonly code = 'forbidden_role';

  constructor() {
    super('Your role does not allow this.');
  }
}

/** A page of somebody else may have sent this: the browser added the cookie by itself. */
export class CsrfOriginDeniedError extends DomainError {
  readonly kind = 'forbidden';
  readonly code = 'csrf_origin_denied';

  constructor() {
    super('A request with a cookie must come from a page of this instance, as JSON, with the header X-FlowMate: 1.');
  }
}
