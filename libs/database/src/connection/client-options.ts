import type { DatabaseEnv } from '@flowmate/config';
import { mongo } from 'mongoose';

/** Which process connects; it decides how patient the connection is. */
export type DatabaseRole = 'api' | 'worker' | 'cli';

/** An api has somebody waiting, a worker rides out an election, a person at a terminal is in between. */
const SELECTION_MS: Readonly<Record<DatabaseRole, number>> = { api: 5_000, worker: 30_000, cli: 10_000 };

/**
 * The whole of an operation: finding a server, waiting for a connection, sending, the work of the server, reading. No
 * request of ours may wait longer than 2.5 s for a store that is gone.
 */
export const OPERATION_MS = 2_000;
/** Who has not got a connection by then would not be in time with it either. */
const WAIT_QUEUE_MS = 2_000;
/** An index over a large collection takes minutes; a step that takes longer has to be cut into several. */
export const MIGRATION_STEP_MS = 600_000;
/**
 * A socket that says nothing is given up, so that connections into a black hole do not fill the pool. Later than the
 * server gives up its work, so that its answer is the one that is heard.
 */
const SOCKET_MS: Readonly<Record<DatabaseRole, number>> = {
  api: 2 * OPERATION_MS,
  worker: 2 * OPERATION_MS,
  cli: 2 * MIGRATION_STEP_MS,
};
/** How often each server is looked at, and so how long a store that is back goes unnoticed. */
const HEARTBEAT_MS = 2_000;
/** A handshake with TLS and a login across an ocean takes under a second. */
const CONNECT_MS = 5_000;

/**
 * So many connections are made at once. On a store that answers half a second late a handshake takes a second: with the
 * driver's own 2 a burst on a pool that is still empty would wait in a row until it is too late.
 */
const MAX_CONNECTING = 20;

/** How every operation is done: acknowledged by the majority and on disk, read from the primary, retried once. */
export function clientOptions(role: DatabaseRole, settings: DatabaseEnv): mongo.MongoClientOptions {
  return {
    appName: `flowmate-${role}`,
    writeConcern: { w: 'majority', journal: true },
    readConcern: { level: 'majority' },
    readPreference: 'primary',
    retryWrites: true,
    retryReads: true,
    maxConnecting: MAX_CONNECTING,
    serverSelectionTimeoutMS: selectionMs(role, settings),
    heartbeatFrequencyMS: HEARTBEAT_MS,
    connectTimeoutMS: CONNECT_MS,
    socketTimeoutMS: SOCKET_MS[role],
    waitQueueTimeoutMS: WAIT_QUEUE_MS,
    maxPoolSize: settings.maxPoolSize,
    monitorCommands: true,
  };
}

/** How long to look for a server that can be used. */
export function selectionMs(role: DatabaseRole, { timeoutMs }: DatabaseEnv): number {
  return timeoutMs ?? SELECTION_MS[role];
}

/** The name of the database: the setting's, else the one in the address. */
export function databaseName({ name, uri }: DatabaseEnv): string {
  const [, path = ''] = /^[a-z+]+:\/\/[^/]*\/([^?]*)/.exec(uri?.reveal() ?? '') ?? [];
  return name ?? (decodeURIComponent(path) || 'flowmate');
}
