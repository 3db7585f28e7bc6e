import type { RedisEnv } from '@flowmate/config';
import type { RedisOptions } from './redis-client.js';

/**
 * `fast`: somebody waits for the answer, so a command fails at once while there is no connection, and after two
 * seconds without an answer. `patient`: a consumer of a queue, whose commands wait for Redis to be back. `blocking`:
 * the connection on which a consumer waits for work.
 */
export type ConnectionProfile = 'fast' | 'patient' | 'blocking';

/** No request of ours may wait longer than 2.5 s for a store that is gone. */
export const COMMAND_MS = 2_000;
/** A Redis that says nothing for so long, while it is asked, is behind a connection that leads nowhere. */
const SILENCE_MS: Readonly<Record<ConnectionProfile, number>> = {
  // After the command was given up, so that its own error is the one that is heard.
  fast: COMMAND_MS + 500,
  patient: 5_000,
  // BullMQ blocks for ten seconds at most and gives up by itself a second later.
  blocking: 12_000,
};
/** A handshake with TLS across an ocean takes under a second. */
const CONNECT_MS = 3_000;
/** A connection that is cut is destroyed at once; ioredis would keep a timer for one that is closed already. */
const DISCONNECT_MS = 0;
/** The kernel looks after idle connections from then on. */
const KEEP_ALIVE_MS = 5_000;
const RETRY_STEP_MS = 200;
/** How long a Redis that is back goes unnoticed. */
const MAX_RETRY_MS = 2_000;

/** The host of a URL that is an IP address: one in brackets is of version 6. */
const IP_ADDRESS = /^(\[.*\]|[\d.]+)$/;

const PATIENT: RedisOptions = { enableOfflineQueue: true, maxRetriesPerRequest: null };
const BY_PROFILE: Readonly<Record<ConnectionProfile, RedisOptions>> = {
  fast: {
    enableOfflineQueue: false,
    // What was under way when a connection went fails then and is not sent again: nobody waits for it any more.
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    commandTimeout: COMMAND_MS,
  },
  patient: PATIENT,
  blocking: PATIENT,
};

/** Throws when the address is none. The query of an address is not read: it could undo what is decided here. */
export function clientOptions(settings: RedisEnv, profile: ConnectionProfile): RedisOptions {
  const url = new URL(settings.url?.reveal() ?? '');
  const inPath = /^\/(\d{1,4})$/.exec(url.pathname)?.[1];
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port ? Number(url.port) : 6_379,
    ...(url.username && { username: decodeURIComponent(url.username) }),
    ...(url.password && { password: decodeURIComponent(url.password) }),
    // TLS knows no server names that are IP addresses; without one the certificate is held against the host itself.
    ...(url.protocol === 'rediss:' && { tls: IP_ADDRESS.test(url.hostname) ? {} : { servername: url.hostname } }),
    db: settings.database || Number(inPath ?? 0),
    connectionName: 'flowmate',
    connectTimeout: CONNECT_MS,
    disconnectTimeout: DISCONNECT_MS,
    keepAlive: KEEP_ALIVE_MS,
    socketTimeout: SILENCE_MS[profile],
    retryStrategy: (attempt) => Math.min(RETRY_STEP_MS * attempt, MAX_RETRY_MS),
    // A replica that was the primary a moment ago: the name may lead to the new one by now.
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
    ...BY_PROFILE[profile],
  };
}
