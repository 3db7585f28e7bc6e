import { normalizeIp } from '@nestjs/throttler';
import type { HttpRequest } from '../http/http.types.js';

/** Who gets a network of IPv6 gets all of a /64, and may send each request from another address of it. */
const IPV6_PREFIX = 64;
const COUNTABLE = /^(?:\d{1,3}(?:\.\d{1,3}){3}|::1|[0-9a-f:]{2,39}\/64)$/;
/** Some proxies note the port of the caller as well. */
const WITH_PORT = /^(?:\[([^\]]{2,45})\]|(\d{1,3}(?:\.\d{1,3}){3}))(?::\d{1,5})?$/;

/** One name for all addresses that are one caller; nothing for what is no address. */
export function countedAddress(address: string): string | undefined {
  const [, v6, v4] = WITH_PORT.exec(address) ?? [];
  const counted = normalizeIp(v6 ?? v4 ?? address, IPV6_PREFIX);
  return COUNTABLE.test(counted) ? counted : undefined;
}

/** Where a request comes from, as far as limits can tell callers apart. */
export function clientAddress({
  ip,
  socket,
}: Pick<HttpRequest, 'ip'> & { readonly socket: { readonly remoteAddress?: string | undefined } }): string {
  // A proxy that is trusted and writes no address leaves its own; a caller who is gone has none any more.
  return countedAddress(ip) ?? countedAddress(socket.remoteAddress ?? '') ?? 'unknown';
}
