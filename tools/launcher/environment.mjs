import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as util from 'node:util';
import { findRuntime } from './runtime.mjs';

/** @typedef {Record<string, string | undefined>} Variables */

/**
 * What the children will see: the file `.env` below the environment. The children read the file
 * themselves (`--env-file-if-exists`); the launcher needs it to know their ports.
 * @param {string} root
 * @param {Variables} environment
 * @returns {Variables}
 */
export function settings(root, environment) {
  return { ...readEnvFile(join(root, '.env')), ...environment };
}

/** @param {string} path */
function readEnvFile(path) {
  // Node before 20.12 has no parser; there the ports of `.env` are only seen by the children.
  if (!existsSync(path) || typeof util.parseEnv !== 'function') return {};
  return util.parseEnv(readFileSync(path, 'utf8'));
}

/**
 * How the children are started; they read `.env` themselves.
 * @param {string} root
 * @returns {string[]}
 */
export function nodeCommand(root) {
  // Node says so each time when a file that may exist does not.
  return [findRuntime(root), ...(existsSync(join(root, '.env')) ? ['--env-file-if-exists=.env'] : [])];
}

/**
 * The environment of the children: what is there, and defaults for what neither it nor `.env` says.
 * @param {string} root
 * @param {Variables} environment
 * @returns {Variables}
 */
export function childEnvironment(root, environment) {
  const set = settings(root, environment);
  // JSON logs are for machines; whoever starts this reads the lines.
  const readable = { NODE_ENV: 'development', LOG_FORMAT: 'text' };
  // Said aloud, so that the children listen where the launcher looks for them, whatever a YAML file says.
  const ports = { ...(set.SERVER_PORT ? {} : { PORT: '9000' }), WORKER_PORT: '9091', METRICS_PORT: '9090' };
  // Less than the time after which the launcher ends what has not ended by itself, or runs would be cut off.
  const stops = { WORKER_SHUTDOWN_TIMEOUT_MS: '8000' };
  const defaults = { ...readable, ...ports, ...stops };
  const missing = Object.entries(defaults).filter(([name]) => !set[name]);
  return { ...environment, ...Object.fromEntries(missing) };
}
