import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
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
  return readFileSync(path, 'utf8').trim();
}
