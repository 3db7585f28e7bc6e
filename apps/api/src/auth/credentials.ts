import { parseCookie } from 'cookie';
import type { DomainError } from '@flowmate/domain';
import type { HttpRequest } from '../http/http.types.js';
import { AuthRequiredError, AuthTokenInvalidError } from './auth.errors.js';

export type Credentials =
  | { readonly kind: 'token'; readonly token: string; readonly isCookie: boolean }
  | { readonly kind: 'key'; readonly key: string }
  | { readonly kind: 'none' }
  | { readonly kind: 'refused'; readonly refusal: DomainError };

/** RFC 6750: letters, digits and what base64 and its relatives use. */
const BEARER = /^bearer ([A-Za-z0-9._~+/=-]+)$/i;
/** Made to look like a key, whichever system it is of: so that a wrong one is told as a key. */
const KEY_SHAPE = /^[a-z]{1,12}_[a-z]{1,12}_[A-Za-z0-9_-]+$/;

/** What a caller shows. A header goes before a cookie: a program says on purpose what a browser only sends along. */
export function credentialsOf({ headers }: HttpRequest, cookieName: string): Credentials {
  const { authorization } = headers;
  if (authorization === undefined) return cookieOf(headers.cookie, cookieName);
  if (!/^bearer\b/i.test(authorization)) return { kind: 'refused', refusal: new AuthRequiredError() };
  const [, token = ''] = BEARER.exec(authorization) ?? [];
  if (token === '') return { kind: 'refused', refusal: new AuthTokenInvalidError() };
  return KEY_SHAPE.test(token) ? { kind: 'key', key: token } : { kind: 'token', token, isCookie: false };
}

function cookieOf(header: string | undefined, name: string): Credentials {
  // Most callers have none: nothing is parsed for them.
  const token = header?.includes(name) ? readCookie(header, name) : undefined;
  return token ? { kind: 'token', token, isCookie: true } : { kind: 'none' };
}

export function readCookie(header: string | undefined, name: string): string | undefined {
  return header === undefined ? undefined : parseCookie(header)[name];
}
