import { randomBytes } from 'node:crypto';
import { linkSync, lstatSync, mkdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ConfigError } from './config.error.js';
import type { Variables } from './sources.js';
import { isSystemError } from './system-error.js';

/** 256 bits, like `openssl rand -hex 32`. */
const SECRET_BYTES = 32;

/**
 * Secrets for development: made once, kept in `<home>/secrets/<NAME>` for the next start, readable by
 * their owner only. Two processes that start together end up with the same ones: a file is linked into
 * place whole, and who comes second reads it. Production never calls this.
 */
export function developmentSecrets(home: string, announce: (path: string) => void) {
  return (missing: readonly string[]): Variables => {
    if (missing.length === 0) return {};
    const folder = join(home, 'secrets');
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return Object.fromEntries(missing.map((name) => [name, readOrMake(join(folder, name), announce)]));
  };
}

function readOrMake(path: string, announce: (path: string) => void): string {
  const kept = readKept(path);
  if (kept !== undefined) return kept;
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, randomBytes(SECRET_BYTES).toString('hex'), { mode: 0o600 });
  try {
    linkSync(draft, path);
    announce(path);
  } catch (error) {
    if (!isSystemError(error, 'EEXIST')) throw error;
  } finally {
    unlinkSync(draft);
  }
  return readKept(path) ?? refuse(path);
}

/** Only what was made here: an ordinary file of this owner's, whole. */
function readKept(path: string): string | undefined {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return undefined;
  const isOurs = stats.isFile() && (stats.mode & 0o077) === 0 && stats.size === SECRET_BYTES * 2;
  const secret = isOurs ? readFileSync(path, 'utf8') : '';
  return /^[0-9a-f]+$/.test(secret) ? secret : refuse(path);
}

function refuse(path: string): never {
  const rule = `its development secret in ${path} is damaged or open to others; delete that file and a new one is made`;
  throw new ConfigError([{ name: basename(path), rule }]);
}
