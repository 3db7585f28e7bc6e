import { countedAddress } from '@flowmate/domain';
import type { HttpRequest } from '../http/http.types.js';

/** Where a request comes from, as far as limits can tell callers apart. */
export function clientAddress({
  ip,
  socket,
}: Pick<HttpRequest, 'ip'> & { readonly socket: { readonly remoteAddress?: string | undefined } }): string {
  // A proxy that is trusted and writes no address leaves its own; a caller who is gone has none any more.
  return countedAddress(ip) ?? countedAddress(socket.remoteAddress ?? '') ?? 'unknown';
}
