import { RequestNotAllowedError } from './egress.errors.js';

/** Node's own limit for a header block (`maxHeaderSize`); a server refuses more anyway. */
const MAX_HEADER_BYTES = 16 * 1_024;
/** RFC 9110 §5.6.2. */
const TOKEN = /^[!#$%&'*+.^_`|~0-9a-z-]+$/i;
/** RFC 9110 §5.5: visible Latin-1, space and tab; so no CR, LF or NUL. */
// oxlint-disable-next-line no-control-regex -- the tab is allowed by name
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** They frame the message or name its destination, which is this client's business alone. */
const RESERVED = new Set([
  'accept-encoding',
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

export type EgressMethod = (typeof METHODS)[number];

export function checkMethod(method: string): EgressMethod {
  const known = METHODS.find((candidate) => candidate === method);
  if (!known) throw new RequestNotAllowedError('method');
  return known;
}

export function isReservedHeader(name: string): boolean {
  const lower = name.toLowerCase();
  return RESERVED.has(lower) || lower.startsWith('proxy-');
}

/** The header block to send, as undici's flat list. Asks for an answer that needs no inflating. */
export function outgoingHeaders(headers: Iterable<readonly [string, string]>): string[] {
  const sent: string[] = ['accept-encoding', 'identity'];
  let hasAgent = false;
  for (const [name, value] of headers) {
    if (!TOKEN.test(name)) throw new RequestNotAllowedError('header_name');
    if (isReservedHeader(name)) throw new RequestNotAllowedError('header_reserved');
    if (!VALUE.test(value)) throw new RequestNotAllowedError('header_value');
    hasAgent ||= name.toLowerCase() === 'user-agent';
    sent.push(name, value);
  }
  // GitHub and others answer 403 to a request without one.
  if (!hasAgent) sent.push('user-agent', 'flowmate');
  // Latin-1, so a character is a byte; 4 is for ": " and the line's end.
  const bytes = sent.reduce((sum, part) => sum + part.length + 2, 0);
  if (bytes > MAX_HEADER_BYTES) throw new RequestNotAllowedError('headers_too_large');
  return sent;
}
