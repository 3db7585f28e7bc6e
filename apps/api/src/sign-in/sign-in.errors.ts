import { DomainError } from '@flowmate/domain';

/** Unknown, expired, used, older than another, tried too often, or followed by somebody else: nobody learns which. */
export class AuthLinkInvalidError extends DomainError {
  readonly kind = 'unauthenticated';
  readonly code = 'auth_link_invalid';

  constructor() {
    super('This link does not sign in. Ask for a new one, and open it in the browser in which you asked.');
  }
}
