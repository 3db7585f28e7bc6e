import type { Engine } from './engine.ts';

const MIB = 1024 * 1024;
/** What this server is for fits easily; beyond it writes fail with OOM instead of the machine. */
const MAX_MEMORY_BYTES = 1024 * MIB;
/** Far more than one machine's processes open; the engine's own table ends at about 6,000. */
export const MAX_CLIENTS = 5_000;
/** Room for the connections that the bridge makes to itself while all others are taken. */
const OWN_CLIENTS = 8;
/** A reply of this size passes; who lets more than this pile up, or half of it for a minute, is cut. */
const OUTPUT_LIMIT_BYTES = 128 * MIB;
/** All clients together; beyond it the largest are cut. With the data it stays far below the 3 GB of wasm. */
const ALL_CLIENTS_BYTES = 512 * MIB;
/** Redis' own defaults for subscribers. */
const SUBSCRIBER_LIMIT_BYTES = 32 * MIB;
const SUBSCRIBER_SOFT_LIMIT_BYTES = 8 * MIB;
const SOFT_LIMIT_SECONDS = 60;
/** One value, and one command with all its arguments. */
const MAX_VALUE_BYTES = 64 * MIB;
const MAX_COMMAND_BYTES = 128 * MIB;
/** From then on a script lets the bridge see whether its supervisor is still there. */
const SLOW_SCRIPT_MS = 1_000;
/** Channels of expired keys; anything more costs every write, and nobody could switch it on later. */
const KEYSPACE_EVENTS = 'KEx';

/** How the bridge itself logs in; its password never leaves this process. */
const OWN_USER = 'bridge';

/**
 * What a client may not do here: end or reconfigure the process, lift its own limits, or use what needs
 * fork, outgoing connections or other machines. SHUTDOWN would end the host without a snapshot.
 */
const REFUSED =
  'shutdown debug module pfdebug pfselftest ' +
  'replicaof slaveof psync sync replconf failover cluster migrate ' +
  'bgsave bgrewriteaof script|debug client|pause client|unpause client|no-evict acl config';
const ALLOWED_AGAIN = 'acl|whoami config|get config|resetstat';

function permissions(): string[] {
  const refused = REFUSED.split(' ').map((command) => `-${command}`);
  return ['~*', '&*', '+@all', ...refused, ...ALLOWED_AGAIN.split(' ').map((command) => `+${command}`)];
}

/** Must run before the first client is accepted: until then everybody may do everything. */
export function applySettings(engine: Engine, passwords: { client: string; own: string }): void {
  const limits = [
    `normal ${OUTPUT_LIMIT_BYTES} ${OUTPUT_LIMIT_BYTES / 2} ${SOFT_LIMIT_SECONDS}`,
    `pubsub ${SUBSCRIBER_LIMIT_BYTES} ${SUBSCRIBER_SOFT_LIMIT_BYTES} ${SOFT_LIMIT_SECONDS}`,
  ];
  engine.commands(
    ['CONFIG', 'SET', 'maxmemory', `${MAX_MEMORY_BYTES}`, 'maxmemory-policy', 'noeviction'],
    ['CONFIG', 'SET', 'maxmemory-clients', `${ALL_CLIENTS_BYTES}`],
    ['CONFIG', 'SET', 'maxclients', `${MAX_CLIENTS + OWN_CLIENTS}`],
    ['CONFIG', 'SET', 'client-output-buffer-limit', limits.join(' ')],
    // Large values would be queued by reference, which no output limit counts.
    ['CONFIG', 'SET', 'min-string-size-avoid-copy-reply', '0'],
    ['CONFIG', 'SET', 'proto-max-bulk-len', `${MAX_VALUE_BYTES}`],
    ['CONFIG', 'SET', 'client-query-buffer-limit', `${MAX_COMMAND_BYTES}`],
    ['CONFIG', 'SET', 'busy-reply-threshold', `${SLOW_SCRIPT_MS}`],
    ['CONFIG', 'SET', 'notify-keyspace-events', KEYSPACE_EVENTS],
    ['ACL', 'SETUSER', OWN_USER, 'reset', 'on', `>${passwords.own}`, '~*', '&*', '+@all'],
    ['ACL', 'SETUSER', 'default', 'reset', 'on', `>${passwords.client}`, ...permissions()],
  );
}

/** The words that make a connection the bridge's own. */
export function ownLogin(password: string): string[] {
  return ['AUTH', OWN_USER, password];
}
