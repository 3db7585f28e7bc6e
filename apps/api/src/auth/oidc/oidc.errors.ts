import { DomainError } from '@flowmate/domain';

/** Unknown, used, late, of another browser, or from another issuer than the one that was asked: one answer. */
export class OidcStateInvalidError extends DomainError {
  readonly kind = 'invalid';
  readonly code = 'oidc_state_invalid';

  constructor(details: Readonly<Record<string, unknown>> = {}, options: { cause?: unknown } = {}) {
    super('This sign-in was not begun here, or is over. Begin again.', details, options);
  }
}

/** What the provider says of it is not repeated: anybody can write into that address. */
export class OidcDeniedError extends DomainError {
  readonly kind = 'invalid';
  readonly code = 'oidc_denied';

  constructor() {
    super('The provider did not let you in, or you did not let it.');
  }
}

export class OidcProviderError extends DomainError {
  readonly kind = 'upstream';
  readonly code = 'oidc_provider_error';

  constructor(cause: unknown) {
    super('The provider did not answer as it should. Try again, or sign in by mail.', {}, { cause });
  }
}

/** Whoever can type an address of somebody else at a provider must not get that account. */
export class OidcEmailUnverifiedError extends DomainError {
  readonly kind = 'forbidden';
  readonly code = 'oidc_email_unverified';

  constructor() {
    super('The provider does not vouch for your e-mail address. Verify it there, or sign in by mail.');
  }
}
