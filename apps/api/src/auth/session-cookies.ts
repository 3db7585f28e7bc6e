import { Injectable } from '@nestjs/common';
import { stringifySetCookie } from 'cookie';
import { MailEnv } from '@flowmate/config';
import { SESSION_MS } from '@flowmate/identity';
import type { HttpReply, HttpRequest } from '../http/http.types.js';
import { ACCESS_TOKEN_SECONDS } from './access-tokens.js';
import { readCookie } from './credentials.js';
import { SameOrigin } from './same-origin.js';

interface CookieKind {
  readonly name: string;
  readonly maxAge: number;
}

/**
 * The cookies of a browser's session: httpOnly, SameSite=Strict, and with a prefix that makes the browser itself
 * refuse one that was set over plain http or by a neighbour. Only plain-http development goes without.
 */
@Injectable()
export class SessionCookies {
  readonly access: CookieKind;
  readonly refresh: CookieKind;
  readonly isSecure: boolean;

  constructor(
    mail: MailEnv,
    private readonly sameOrigin: SameOrigin,
  ) {
    this.isSecure = mail.publicAppUrl?.startsWith('https:') === true;
    this.access = { name: this.named('fm_access'), maxAge: ACCESS_TOKEN_SECONDS };
    this.refresh = { name: this.named('fm_refresh'), maxAge: SESSION_MS / 1_000 };
  }

  /** The refresh token that a browser sent by itself: only with the proof that a page of ours asked for it. */
  refreshTokenOf(request: HttpRequest): string | undefined {
    const token = readCookie(request.headers.cookie, this.refresh.name);
    if (token !== undefined) this.sameOrigin.require(request);
    return token;
  }

  set(reply: HttpReply, { accessToken, refreshToken }: { accessToken: string; refreshToken: string }): void {
    this.add(reply, this.access, accessToken);
    this.add(reply, this.refresh, refreshToken);
  }

  clear(reply: HttpReply): void {
    this.add(reply, { ...this.access, maxAge: 0 }, '');
    this.add(reply, { ...this.refresh, maxAge: 0 }, '');
  }

  /** `__Host-` wants the whole path: a narrower one would let a neighbour's page set a session of its own here. */
  private add(reply: HttpReply, { name, maxAge }: CookieKind, value: string): void {
    const secure = this.isSecure;
    void reply.header(
      'set-cookie',
      stringifySetCookie({ name, value, path: '/', maxAge, httpOnly: true, sameSite: 'strict', secure }),
    );
  }

  private named(name: string): string {
    return this.isSecure ? `__Host-${name}` : name;
  }
}
