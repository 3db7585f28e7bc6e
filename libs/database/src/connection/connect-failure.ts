import { mongo } from 'mongoose';

/** MongoDB's codes for a login that failed and for a login that may not do what was asked. */
const AUTHENTICATION_FAILED = 18;
const UNAUTHORIZED = 13;
/** What some services answer instead of 18. */
const ATLAS_ERROR = 8_000;

const BY_SYSTEM_CODE: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens at the address',
  ENOTFOUND: 'the name of the host is not known',
  EAI_AGAIN: 'the name of the host cannot be resolved now',
  ECONNRESET: 'the connection is cut while it is made',
  ENETUNREACH: 'the network is not reachable',
  EHOSTUNREACH: 'the host is not reachable',
};

/** Why no connection could be made, in words of ours: those of the driver hold addresses. */
export function reasonOf(error: unknown): string {
  const errors = [...chain(error)];
  for (const { code } of errors) {
    if (code === AUTHENTICATION_FAILED || code === ATLAS_ERROR) return 'the user name or the password is wrong';
    if (code === UNAUTHORIZED) return 'the user may not use this database';
    const known = typeof code === 'string' ? BY_SYSTEM_CODE[code] : undefined;
    if (known) return known;
    if (typeof code === 'string' && /CERT|TLS|SSL|SELF_SIGNED|ISSUER/.test(code)) return 'TLS cannot be agreed on';
  }
  const topology = error instanceof mongo.MongoServerSelectionError ? error.reason : undefined;
  const answered = [...(topology?.servers.values() ?? [])].some(({ type }) => type !== 'Unknown');
  return answered ? 'the replica set has no primary' : 'it does not answer in time';
}

interface Link {
  readonly code?: unknown;
}

/** An error, what caused it, and what each server of the set said. */
function* chain(error: unknown, depth = 0): Generator<Link> {
  // Errors of the driver nest three deep: selection, server, socket.
  if (typeof error !== 'object' || error === null || depth > 5) return;
  yield error as Link;
  if (error instanceof mongo.MongoServerSelectionError)
    for (const server of error.reason?.servers.values() ?? []) yield* chain(server.error, depth + 1);
  if ('cause' in error) yield* chain(error.cause, depth + 1);
}
