import { Injectable } from '@nestjs/common';
import { parseCookie, stringifySetCookie } from 'cookie';
import { MailEnv } from '@flowmate/config';
import { randomToken } from '@flowmate/crypto';
import type { HttpReply, HttpRequest } from '../http/http.types.js';

/** Longer than any link lives, so that a second request of a browser does not shut out its first; no longer than a day. */
const KEPT_SECONDS = 86_400;
const TOKEN = /^[A-Za-z0-9_-]{43}$/;

/**
 * What tells the browser that asked for a link from all others. Strict is enough: the link opens a page of ours, and
 * that page is what sends the cookie. `__Host-` keeps neighbours of the domain from setting one.
 */
@Injectable()
export class BrowserBinding {
  private readonly isSecure: boolean;
  private readonly name: string;

  constructor(mail: MailEnv) {
    this.isSecure = mail.publicAppUrl?.startsWith('https:') === true;
    this.name = this.isSecure ? '__Host-fm_browser' : 'fm_browser';
  }

  of({ headers }: HttpRequest): string | undefined {
    const value = headers.cookie === undefined ? undefined : parseCookie(headers.cookie)[this.name];
    return value !== undefined && TOKEN.test(value) ? value : undefined;
  }

  /** The browser keeps the one it has: what it asked for before stays its own. */
  ensure(request: HttpRequest, reply: HttpReply): string {
    const value = this.of(request) ?? randomToken();
    const { name, isSecure: secure } = this;
    const cookie = {
      name,
      value,
      path: '/',
      maxAge: KEPT_SECONDS,
      httpOnly: true,
      sameSite: 'strict',
      secure,
    } as const;
    void reply.header('set-cookie', stringifySetCookie(cookie));
    return value;
  }
}
