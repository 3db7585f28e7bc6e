import { DomainError } from '@flowmate/domain';

/** Unknown, ended, expired, or of another kind: the caller signs in again. */
export class RefreshInvalidError extends DomainError {
  readonly kind = 'unauthenticated';
  readonly code = 'auth_refresh_invalid';

  constructor() {
    super('The refresh token is not valid. Sign in again.');
  }
}

/** Two refreshed with one token at nearly the same moment; the other one has the new token. */
export class RefreshRaceError extends DomainError {
  readonly kind = 'conflict';
  readonly code = 'auth_refresh_race';

  constructor() {
    super('This refresh token was used a moment ago. Try again with the one that came of it.');
  }
}

/** Who holds an old token may have stolen it, or was stolen from: the whole session ends. */
export class RefreshReusedError extends DomainError {
  readonly kind = 'unauthenticated';
  readonly code = 'auth_refresh_reused';

  constructor() {
    super('This refresh token was used before. The session has ended; sign in again.');
  }
}

export class ApiKeyInvalidError extends DomainError {
  readonly kind = 'unauthenticated';
  readonly code = 'api_key_invalid';

  constructor() {
    super('The API key was not accepted.');
  }
}

/** The caller has proven to be who he is, so he may know. */
export class AccountDisabledError extends DomainError {
  readonly kind = 'forbidden';
  readonly code = 'account_disabled';

  constructor() {
    super('This account is disabled. Ask an administrator of this instance.');
  }
}

/** An address may get another owner at the provider; the account stays with the one who was there first. */
export class OtherIdentityError extends DomainError {
  readonly kind = 'forbidden';
  readonly code = 'oidc_other_identity';

  constructor() {
    super('The account of this address belongs to another identity at the provider. Sign in by mail.');
  }
}

export class SignUpClosedError extends DomainError {
  readonly kind = 'forbidden';
  readonly code = 'signup_closed';

  constructor() {
    super('There is no account for this address, and new ones are made by invitation only.');
  }
}

export class LastAdminError extends DomainError {
  readonly kind = 'conflict';
  readonly code = 'last_admin';

  constructor() {
    super('This is the last administrator of the instance. Make somebody else one first.');
  }
}

/** A key that could do more than its owner, or that makes other keys. */
export class ForbiddenScopeError extends DomainError {
  readonly kind = 'forbidden';
  readonly code = 'forbidden_scope';

  constructor() {
    super('The API key does not have the scope for this.');
  }
}

export class QuotaExceededError extends DomainError {
  readonly kind = 'forbidden';
  readonly code = 'quota_exceeded';

  constructor() {
    super('There are as many of these as there may be. Remove one first.');
  }
}

/** An administrator has made the instance read-only. */
export class InstanceLockedError extends DomainError {
  readonly kind = 'forbidden';
  readonly code = 'instance_locked';

  constructor() {
    super('This instance is read-only at the moment. An administrator has locked it.');
  }
}
