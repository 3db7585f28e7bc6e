import { ResponseMalformedError } from './egress.errors.js';
import type { Answer } from './exchange.js';
import { isEncoded } from './egress-response.js';
import { isReservedHeader } from './outgoing-headers.js';

export type Fetch = typeof globalThis.fetch;

/** A request as the client sends it, from either of its two doors. */
export interface Outgoing {
  readonly url: string;
  readonly method: string;
  readonly headers: Iterable<readonly [string, string]>;
  readonly body: string | Uint8Array | ReadableStream<Uint8Array> | undefined;
  readonly signal: AbortSignal | undefined;
}

/** Statuses for which the Fetch standard allows no body. */
const NULL_BODY = new Set([204, 205, 304]);

type CheckUrl = (url: string, method: string) => void;
type FetchInput = Parameters<Fetch>[0];
type FetchInit = NonNullable<Parameters<Fetch>[1]>;

/** By shape, not by class: an SDK may bring another realm's or another package's Request. */
const addressOf = (input: FetchInput): string =>
  typeof input === 'string' ? input : 'url' in input ? input.url : input.href;

/** A streamed body stays a stream; any other is sent whole, so that it carries its length. */
async function bodyOf(request: Request, given: unknown): Promise<Outgoing['body']> {
  if (!request.body) return undefined;
  if (typeof given === 'object' && given !== null && Symbol.asyncIterator in given) return request.body;
  return new Uint8Array(await request.arrayBuffer());
}

/** What `Request` writes in capitals by itself; any other method keeps its letters. */
const NORMALIZED = /^(?:delete|get|head|options|post|put)$/i;

/** What SDKs send most: a text to an address. Building a `Request` of it would cost more than sending it. */
function outgoingText(url: string, init: FetchInit & { readonly body: string }): Outgoing {
  const method = init.method ?? 'GET';
  if (/^(?:get|head)$/i.test(method)) throw new TypeError('A request with this method has no body.');
  const headers = new Headers(init.headers);
  if (!headers.has('content-type')) headers.set('content-type', 'text/plain;charset=UTF-8');
  return {
    url,
    method: NORMALIZED.test(method) ? method.toUpperCase() : method,
    headers: [...headers].filter(([name]) => !isReservedHeader(name)),
    body: init.body,
    signal: init.signal ?? undefined,
  };
}

async function outgoing(input: FetchInput, init: FetchInit, check: CheckUrl): Promise<Outgoing> {
  if ('dispatcher' in init && init.dispatcher) throw new TypeError('This fetch has its own connections.');
  const url = addressOf(input);
  // Before anything parses it: `Request` would strip and repair what the guard refuses.
  check(url, init.method ?? 'GET');
  const { body } = init;
  if (typeof body === 'string' && !(typeof input === 'object' && 'url' in input))
    return outgoingText(url, { ...init, body });
  const carried = typeof input === 'object' && 'url' in input ? input : undefined;
  const base: FetchInit = carried
    ? {
        method: carried.method,
        headers: [...carried.headers],
        body: carried.body ? await carried.arrayBuffer() : null,
        signal: carried.signal,
      }
    : {};
  const request = new Request(url, { ...base, duplex: 'half', ...init });
  return {
    url,
    method: request.method,
    // Like a browser, drop what a caller may not set instead of failing: SDKs set some of it routinely.
    headers: [...request.headers].filter(([name]) => !isReservedHeader(name)),
    body: await bodyOf(request, init.body),
    signal: init.signal ?? base.signal ?? undefined,
  };
}

function toResponse(answer: Answer, url: string): Response {
  const { status, headers, body } = answer;
  const isBodiless = NULL_BODY.has(status);
  // No statusText: HTTP/2 has none either, and a hostile one would make the constructor throw.
  const response = new Response(isBodiless ? null : body, { status, headers });
  // A Response made by hand has no address; SDKs print it.
  Object.defineProperty(response, 'url', { value: url });
  return response;
}

/** A `fetch` for SDKs that goes through the one client: same guard, same limits, redirects never followed. */
export function createFetch(check: CheckUrl, send: (request: Outgoing) => Promise<Answer>): Fetch {
  return async (input, init = {}) => {
    const request = await outgoing(input, init, check);
    const answer = await send(request);
    const { status } = answer;
    // 600 to 999 is legal for HTTP parsers but not for a Response; an encoded body the SDK could not read.
    if (status > 599 || (isEncoded(answer.headers) && request.method !== 'HEAD' && !NULL_BODY.has(status))) {
      await answer.body.cancel();
      throw new ResponseMalformedError(status);
    }
    return toResponse(answer, request.url);
  };
}
