import { isIP, type Socket } from 'node:net';
import { DomainError } from '@flowmate/domain';
import type { buildConnector } from 'undici';
import { checkHost } from './check-url.js';
import type { Dial } from './dial.js';
import { EgressTimeoutError, EgressUnreachableError, NOT_SENT, UrlNotAllowedError } from './egress.errors.js';
import { isPublicAddress } from './public-address.js';
import type { Resolve } from './resolver.js';

export interface ConnectorOptions {
  readonly trusted: ReadonlySet<string>;
  readonly connectMs: number;
  readonly resolve: Resolve;
  readonly dial: Dial;
}

type Target = buildConnector.Options;

/** Resolves once and checks every answer. One private answer among public ones refuses the name. */
async function checkedAddresses(target: Target, { trusted, resolve }: ConnectorOptions): Promise<readonly string[]> {
  const { hostname } = target;
  const isTrusted = trusted.has(`${target.protocol}//${target.host}`);
  // A literal never reaches a resolver, so it is checked here as well as in the URL.
  if (!isTrusted) checkHost(hostname);
  if (isIP(hostname)) return [hostname];
  const addresses = await resolve(hostname, isTrusted ? 'trusted' : 'public');
  if (addresses.length === 0) throw new EgressUnreachableError(new Error('The name has no address.'));
  if (!isTrusted && !addresses.every(isPublicAddress)) throw new UrlNotAllowedError('address_not_public');
  return addresses;
}

async function connect(target: Target, options: ConnectorOptions, signal: AbortSignal): Promise<Socket> {
  try {
    const addresses = await checkedAddresses(target, options);
    signal.throwIfAborted();
    const secure = target.protocol === 'https:';
    const port = Number(target.port || (secure ? 443 : 80));
    return await options.dial({ secure, hostname: target.hostname, port, addresses }, signal);
  } catch (error) {
    throw error instanceof DomainError ? error : new EgressUnreachableError(error);
  }
}

async function connectInTime(target: Target, options: ConnectorOptions): Promise<Socket> {
  const cutOff = new AbortController();
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const error = new EgressTimeoutError('connect', NOT_SENT);
    late.reject(error);
    cutOff.abort(error);
  }, options.connectMs);
  try {
    return await Promise.race([connect(target, options, cutOff.signal), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** The only way out of the process: undici asks it for every connection, pooled ones were asked for once. */
export function guardedConnector(options: ConnectorOptions): buildConnector.connector {
  return (target, settle) => {
    connectInTime(target, options).then(
      (socket) => settle(null, socket),
      (error: Error) => settle(error, null),
    );
  };
}
