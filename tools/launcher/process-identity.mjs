import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Twelve hex digits: enough to tell the few processes that ever had the same pid apart. */
const DIGITS = 12;

/**
 * Tells one process from a later one with the same pid. Null when there is none, or only a zombie that
 * nobody has collected: it holds no port and no data any more.
 * @param {number} pid
 * @returns {string | null}
 */
export function processIdentity(pid) {
  const born = process.platform === 'linux' ? bornOnLinux(pid) : bornElsewhere(pid);
  return born && createHash('sha256').update(born).digest('hex').slice(0, DIGITS);
}

/** @param {number} pid */
function bornOnLinux(pid) {
  const stat = readIfThere(`/proc/${pid}/stat`);
  if (stat === null) return null;
  // The name in parentheses may hold anything, so count from its end: state is field 3, start time field 22.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (fields[0] === 'Z' || fields[0] === 'X') return null;
  // Start times count from boot, so the boot belongs to the identity.
  return `${readIfThere('/proc/sys/kernel/random/boot_id')} ${fields[19]}`;
}

/** @param {string} path */
function readIfThere(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null; // no such process, or it ended between open and read
  }
}

/** @param {number} pid */
function bornElsewhere(pid) {
  try {
    const line = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
    return line === '' || line.startsWith('Z') ? null : line.replace(/^\S+\s+/, '');
  } catch {
    return null; // ps fails when there is no such process
  }
}

/**
 * @param {{ pid: number, identity: string }} known
 * @returns {boolean} whether that very process is still there
 */
export function isAlive({ pid, identity }) {
  return processIdentity(pid) === identity;
}
