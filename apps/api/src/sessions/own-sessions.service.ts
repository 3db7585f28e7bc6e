import { Injectable } from '@nestjs/common';
import type { Session } from '@flowmate/database';
import { ResourceNotFoundError, type Principal } from '@flowmate/domain';
import {
  ApiKeyService,
  Callers,
  RefreshInvalidError,
  RefreshReusedError,
  SessionService,
  type OpenedSession,
} from '@flowmate/identity';
import { byPrincipal, deviceOf } from '../auth/by.js';
import { SessionCookies } from '../auth/session-cookies.js';
import type { HttpReply, HttpRequest } from '../http/http.types.js';

/** What a caller does with sessions of his own. */
@Injectable()
export class OwnSessions {
  constructor(
    private readonly sessions: SessionService,
    private readonly callers: Callers,
    private readonly cookies: SessionCookies,
    private readonly keys: ApiKeyService,
  ) {}

  /** Cookies that are worth nothing any more are taken away, so that a browser does not send them again. */
  async refresh(request: HttpRequest, reply: HttpReply, given: string | undefined): Promise<OpenedSession> {
    try {
      return await this.sessions.refresh(this.tokenOf(request, given), deviceOf(request));
    } catch (error) {
      const isOver = error instanceof RefreshInvalidError || error instanceof RefreshReusedError;
      if (isOver && given === undefined) this.cookies.clear(reply);
      throw error;
    }
  }

  /** Whoever holds the token may end its session; a token that is worth nothing has none to end. */
  async signOut(request: HttpRequest, reply: HttpReply, given: string | undefined): Promise<void> {
    const token = this.tokenOf(request, given);
    const ended = await this.sessions.endByToken(token, deviceOf(request));
    if (ended !== undefined) this.callers.forgetSession(ended);
    if (given === undefined) this.cookies.clear(reply);
  }

  async list(principal: Principal): Promise<Session[]> {
    return this.sessions.listOpen(principal.userId);
  }

  async end(principal: Principal, id: string, request: HttpRequest): Promise<void> {
    await this.sessions.end(principal.userId, id, byPrincipal(principal, request));
    this.callers.forgetSession(id);
  }

  async endAll(principal: Principal, request: HttpRequest, withKeys: boolean): Promise<void> {
    if (principal.kind !== 'user') throw new ResourceNotFoundError();
    const by = byPrincipal(principal, request);
    if (withKeys) await this.keys.revokeAllOf(principal.userId, by);
    await this.sessions.endAll(principal.userId, by);
    this.callers.forgetSession(principal.sessionId);
  }

  private tokenOf(request: HttpRequest, given: string | undefined): string {
    const token = given ?? this.cookies.refreshTokenOf(request);
    if (token === undefined) throw new RefreshInvalidError();
    return token;
  }
}
