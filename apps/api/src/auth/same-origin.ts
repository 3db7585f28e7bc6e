import { Injectable } from '@nestjs/common';
import { MailEnv, ServerEnv } from '@flowmate/config';
import type { HttpRequest } from '../http/http.types.js';
import { CsrfOriginDeniedError } from './auth.errors.js';

const MARK = 'x-flowmate';

/** Proof that a request with a cookie was sent by a page of ours, or of an origin that the operator allows. */
@Injectable()
export class SameOrigin {
  private readonly origins: ReadonlySet<string>;

  constructor(mail: MailEnv, server: ServerEnv) {
    this.origins = new Set([...(mail.publicAppUrl ? [mail.publicAppUrl] : []), ...server.allowedOrigins]);
  }

  /** A page of ours says so with a header that a form cannot set and a foreign script may not. */
  isBrowser(request: HttpRequest): boolean {
    return request.headers[MARK] === '1';
  }

  require(request: HttpRequest): void {
    const { headers } = request;
    const isJson = headers['content-type'] === undefined || /^application\/json\b/i.test(headers['content-type']);
    if (!this.isBrowser(request) || !isJson || !this.isOurs(request)) throw new CsrfOriginDeniedError();
  }

  /** `Sec-Fetch-Site` cannot be written by a page; where a browser does not send it, the origin must be known. */
  private isOurs({ headers }: HttpRequest): boolean {
    const { origin } = headers;
    const site = headers['sec-fetch-site'];
    if (origin !== undefined && this.origins.has(origin)) return true;
    if (site === 'same-origin') return true;
    return site === undefined && origin !== undefined && origin === ownOrigin(headers.host);
  }
}

/** In development nobody says under which name the api is reached: then it is the one that was asked for. */
function ownOrigin(host: string | undefined): string | undefined {
  return host !== undefined && /^(127\.0\.0\.1|localhost)(:\d{1,5})?$/.test(host) ? `http://${host}` : undefined;
}
