import { createHash } from 'node:crypto';
import type { NamedRequest } from '@flowmate/database';
import type { Principal } from '@flowmate/domain';
import type { HttpRequest } from '../http/http.types.js';
import { IdempotencyKeyInvalidError } from './idempotency.errors.js';

/** Visible ASCII: a UUID is 36 of them, and nobody needs more than Stripe allows. */
const KEY = /^[\x21-\x7e]{1,255}$/;

const hash = (text: string | Uint8Array): string => createHash('sha256').update(text).digest('base64url');

/**
 * What names a request, where its caller does: a hash of who asks, of what operation on what, and of his key. Keys of
 * two callers, or for two addresses, have nothing to do with each other.
 */
export function namedRequest(request: HttpRequest, principal: Principal): NamedRequest | undefined {
  const given = request.headers['idempotency-key'];
  if (given === undefined) return undefined;
  if (typeof given !== 'string' || !KEY.test(given)) throw new IdempotencyKeyInvalidError();
  const who = principal.kind === 'key' ? `key ${principal.keyId}` : `user ${principal.userId}`;
  const [path = ''] = request.url.split('?', 1);
  // Guards have let the caller in; the bytes of the body are those that he sent.
  const body = request.body instanceof Uint8Array ? request.body : new Uint8Array();
  return { key: hash([principal.workspaceId, who, request.method, path, given].join('\n')), body: hash(body) };
}
