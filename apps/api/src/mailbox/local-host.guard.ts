import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { RouteNotFoundError } from '../http/http.errors.js';
import type { HttpRequest } from '../http/http.types.js';
import { PublicAddress } from '../mail/public-address.js';
import { LocalOnlyError } from './mailbox.errors.js';

/** This machine, or an address: a name could be anybody's. */
const OWN_NAME = /^(?:localhost|\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-f:.]+\])(?::\d{1,5})?$/;
const LOOPBACK = /^(?:(?:::ffff:)?127(?:\.\d{1,3}){3}|::1)$/;

/**
 * A page of a stranger whose name points to this machine would be read by him: only names of ours are answered. And
 * whoever comes over a network has no business here, whatever SERVER_HOST says and whatever he calls us.
 */
@Injectable()
export class LocalHostGuard implements CanActivate {
  constructor(private readonly address: PublicAddress) {}

  canActivate(context: ExecutionContext): boolean {
    const { headers, socket } = context.switchToHttp().getRequest<HttpRequest>();
    if (!isFromHere(socket)) throw new LocalOnlyError();
    const { host = '' } = headers;
    if (OWN_NAME.test(host) || host === new URL(this.address.origin).host) return true;
    throw new RouteNotFoundError();
  }
}

/** Of the connection, which no header changes. Who talks to an address of this machine from it has that address. */
function isFromHere({ remoteAddress, localAddress }: HttpRequest['socket']): boolean {
  return remoteAddress !== undefined && (LOOPBACK.test(remoteAddress) || remoteAddress === localAddress);
}
