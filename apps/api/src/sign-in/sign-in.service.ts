import { Injectable } from '@nestjs/common';
import { emailAddress, InvalidInputError } from '@flowmate/domain';
import {
  AccountService,
  InstanceLockedError,
  SessionService,
  SignUpClosedError,
  type Device,
  type OpenedSession,
} from '@flowmate/identity';
import type { LinkRequestedResponse } from './link-requested.response.js';
import { AuthLinkInvalidError } from './sign-in.errors.js';
import { LINK_MS, SignInLinks, type LinkProof, type LinkRequest } from './sign-in-links.js';
import { SignInTrail } from './sign-in-trail.js';

/** Signing in by mail, from the first word to the session. */
@Injectable()
export class SignInService {
  constructor(
    private readonly links: SignInLinks,
    private readonly accounts: AccountService,
    private readonly sessions: SessionService,
    private readonly trail: SignInTrail,
  ) {}

  async request(request: LinkRequest, from: Device): Promise<LinkRequestedResponse> {
    const email = emailAddress(request.email);
    if (email === undefined)
      throw new InvalidInputError([{ path: 'email', rule: 'isEmailAddress', message: 'must be an e-mail address' }]);
    const requested = await this.links.request({ ...request, email });
    this.trail.requested(from);
    return { ...requested, expiresIn: LINK_MS / 1_000 };
  }

  async verify(token: string, proof: LinkProof, from: Device): Promise<OpenedSession> {
    const email = await this.links.redeem(token, proof).catch((error: unknown) => {
      if (error instanceof AuthLinkInvalidError) this.trail.failed(from);
      throw error;
    });
    const user = await this.accounts.enter({ email, from, via: 'link' }).catch((error: unknown) => {
      // Who is disabled has an entry of his own.
      if (error instanceof SignUpClosedError || error instanceof InstanceLockedError) this.trail.failed(from);
      throw error;
    });
    return this.sessions.open(user, from, 'link');
  }
}
