import { chmodSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isAlive, processIdentity } from './process-identity.mjs';

/**
 * @typedef {{ name: string, pid: number, identity: string }} KnownProcess
 * @typedef {object} Claim
 * @property {number} pid
 * @property {string} identity
 * @property {'claiming' | 'held'} state
 * @property {string} since
 * @property {string} [url]
 * @property {KnownProcess[]} [processes]   what the holder started
 *
 * @typedef {object} Lock
 * @property {(more: Partial<Claim>) => void} update
 * @property {Claim[]} abandoned    claims of holders that died; they stay on disk until forgotten
 * @property {() => void} forgetAbandoned
 * @property {() => void} release
 */

/** Two that announced themselves together both step back; a random pause of this much parts them. */
const STEP_BACK_MS = 30;

/**
 * One holder per folder and kind, without a kernel lock and proof against `kill -9`. Every contender has
 * a file of its own, named after its process and created exclusively. It announces itself first and looks
 * for others afterwards, so of two contenders the later one always sees the earlier; who sees a living
 * other steps back. A dead process's file is ignored, and since no later process shares its name,
 * removing it can never hit a living one. That is what a single lock file cannot offer: between finding
 * it stale and replacing it, somebody else may have replaced it already.
 * @param {string} folder
 * @param {string} kind
 * @param {{ url?: string }} [about]
 * @returns {Promise<{ lock: Lock, holder?: undefined } | { lock?: undefined, holder: Claim }>}
 */
export async function claim(folder, kind, about = {}) {
  makePrivate(folder);
  const own = ownClaim(about);
  const path = join(folder, fileName(kind, own));
  for (;;) {
    write(path, own, 'wx');
    const others = list(folder, kind).filter((other) => other.path !== path);
    const living = others.filter((other) => isAlive(other.claim));
    if (living.length === 0) return { lock: hold(path, own, others) };
    rmSync(path, { force: true });
    const holder = living.find((other) => other.claim.state === 'held');
    if (holder) return { holder: holder.claim };
    await delay(Math.random() * STEP_BACK_MS);
  }
}

/**
 * @param {string} path
 * @param {Claim} own
 * @param {{ path: string, claim: Claim }[]} dead
 * @returns {Lock}
 */
function hold(path, own, dead) {
  let current = /** @type {Claim} */ ({ ...own, state: 'held' });
  write(path, current, 'w');
  return {
    update: (more) => {
      current = { ...current, ...more };
      write(path, current, 'w');
    },
    abandoned: dead.map((other) => other.claim),
    forgetAbandoned: () => dead.forEach((other) => rmSync(other.path, { force: true })),
    release: () => rmSync(path, { force: true }),
  };
}

/** @param {string} folder */
function makePrivate(folder) {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700); // it may have been made by something less careful
}

/**
 * @param {{ url?: string }} about
 * @returns {Claim}
 */
function ownClaim(about) {
  const identity = processIdentity(process.pid);
  if (identity === null) throw new Error('This system does not tell when a process started.');
  return { pid: process.pid, identity, state: 'claiming', since: new Date().toISOString(), ...about };
}

/**
 * @param {string} kind
 * @param {{ pid: number, identity: string }} process
 */
function fileName(kind, { pid, identity }) {
  return `${kind}.${pid}.${identity}.lock`;
}

/** @param {string} name */
export function isLockFile(name) {
  return name.endsWith('.lock') || name.endsWith('.lock.draft');
}

/**
 * Readers never see half a claim: it is moved into place whole.
 * @param {string} path
 * @param {Claim} claim
 * @param {'w' | 'wx'} flag
 */
function write(path, claim, flag) {
  const draft = `${path}.draft`;
  writeFileSync(draft, JSON.stringify(claim), { flag, mode: 0o600 });
  renameSync(draft, path);
}

/**
 * @param {string} folder
 * @param {string} kind
 * @returns {{ path: string, claim: Claim }[]}
 */
function list(folder, kind) {
  return readdirSync(folder)
    .filter((name) => name.startsWith(`${kind}.`) && name.endsWith('.lock'))
    .flatMap((name) => {
      const path = join(folder, name);
      const [, pid = '', identity = ''] = name.split('.');
      const content = readClaim(path);
      // Who holds it is in the name, so that even an empty file after a full disk keeps its meaning.
      return content ? [{ path, claim: { ...content, pid: Number(pid), identity } }] : [];
    });
}

/**
 * @param {string} path
 * @returns {Claim | null}
 */
function readClaim(path) {
  const unreadable = /** @type {const} */ ({ pid: 0, identity: '', state: 'held', since: 'an unknown time' });
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) return unreadable;
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT') return null; // just withdrawn
    throw error;
  }
}
