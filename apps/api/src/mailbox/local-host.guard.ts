import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { RouteNotFoundError } from '../http/http.errors.js';
import type { HttpRequest } from '../http/http.types.js';
import { PublicAddress } from '../mail/public-address.js';

/** This machine, or an address: a name could be anybody's. */
const OWN_NAME = /^(?:localhost|\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-f:.]+\])(?::\d{1,5})?$/;

/** A page of a stranger whose name points to this machine would be read by him: only names of ours are answered. */
@Injectable()
export class LocalHostGuard implements CanActivate {
  constructor(private readonly address: PublicAddress) {}

  canActivate(context: ExecutionContext): boolean {
    const { host = '' } = context.switchToHttp().getRequest<HttpRequest>().headers;
    if (OWN_NAME.test(host) || host === new URL(this.address.origin).host) return true;
    throw new RouteNotFoundError();
  }
}
