import { Injectable } from '@nestjs/common';
import type { OpenedSession } from '@flowmate/identity';
import type { HttpReply, HttpRequest } from '../http/http.types.js';
import { ACCESS_TOKEN_SECONDS, AccessTokens } from './access-tokens.js';
import { SameOrigin } from './same-origin.js';
import { SessionCookies } from './session-cookies.js';
import { SessionTokensResponse } from './session-tokens.js';

/** Hands a session over: to a browser in cookies that no script can read, to a program in the body. */
@Injectable()
export class SessionAnswer {
  constructor(
    private readonly tokens: AccessTokens,
    private readonly cookies: SessionCookies,
    private readonly sameOrigin: SameOrigin,
  ) {}

  give(request: HttpRequest, reply: HttpReply, session: OpenedSession): SessionTokensResponse {
    const { refreshToken, expiresAt } = session;
    const common = { expiresIn: ACCESS_TOKEN_SECONDS, sessionExpiresAt: expiresAt.toISOString() };
    if (!this.sameOrigin.isBrowser(request))
      return { tokenType: 'Bearer', accessToken: this.tokens.sign(session), refreshToken, ...common };
    this.setCookies(reply, session);
    return common;
  }

  /** For what is a browser in any case: it comes back from somewhere else and cannot say so. */
  setCookies(reply: HttpReply, session: OpenedSession): void {
    this.cookies.set(reply, { accessToken: this.tokens.sign(session), refreshToken: session.refreshToken });
  }
}
