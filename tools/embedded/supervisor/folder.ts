import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, readdirSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { claim, isLockFile, type Lock } from '../../launcher/lock.mjs';
import { endOrphans } from '../../launcher/orphans.mjs';
import type { Log } from './log.ts';
import { StoresError } from './stores-error.ts';
import type { StoreName } from './variant.ts';

/** Changes when an older version could no longer read what is in the folder. */
const FORMAT = 1;
const STAMP = 'version.json';
const PASSWORDS = 'passwords.json';
/** 192 bits, as base64url: nothing in it needs escaping in an address or a configuration file. */
const PASSWORD_BYTES = 24;

export interface DataFolder {
  readonly path: string;
  readonly lock: Lock;
  readonly passwords: Readonly<Record<StoreName, string>>;
}

/** Locks the folder, checks who wrote it, and ends what a killed supervisor left running there. */
export async function openFolder(path: string, log: Log): Promise<DataFolder> {
  if (heldHere.has(path)) throw new StoresError(`The data folder ${path} is in use by this very process.`);
  heldHere.add(path);
  try {
    return await claimFolder(path, log);
  } catch (error) {
    heldHere.delete(path);
    throw withoutStack(error, path);
  }
}

/** A full disk, a missing right and a file in the way are for a person to put right; a fault of ours is not. */
export function withoutStack(error: unknown, path: string): unknown {
  if (!(error instanceof Error) || !('syscall' in error)) return error;
  return new StoresError(`The data folder ${path} cannot be used: ${error.message}`, { cause: error });
}

export function closeFolder({ path, lock }: DataFolder): void {
  lock.release();
  heldHere.delete(path);
}

/** A claim tells processes apart, not the parts of one. */
const heldHere = new Set<string>();

/** One of these is there after the first start, however it ended. */
const OURS = [STAMP, PASSWORDS, 'mongo-embedded', 'mongod', 'redis-wasm', 'redis-server'];

/** The folder is made private, which `/tmp` or somebody's home would not survive. */
function refuseForeign(path: string): void {
  const names = existsSync(path) ? readdirSync(path) : [];
  if (names.length === 0 || names.some((name) => OURS.includes(name) || isLockFile(name))) return;
  throw new StoresError(`The folder ${path} holds something else. Name a folder that is empty or does not exist yet.`);
}

async function claimFolder(path: string, log: Log): Promise<DataFolder> {
  refuseForeign(path);
  const { lock, holder } = await claim(path, 'stores');
  if (!lock) {
    const since = `process ${holder.pid}, since ${holder.since}`;
    throw new StoresError(`The data folder ${path} is in use (${since}). Stop that one, or use another folder.`);
  }
  try {
    const names = await endOrphans(lock.abandoned);
    lock.forgetAbandoned();
    for (const store of names) log({ store, level: 'warn', message: 'was left running by a killed start; ended' });
    checkStamp(path);
    return { path, lock, passwords: passwordsOf(path) };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Whether a server of that variant has left something there, besides what is written at each start. */
export function holdsData(folder: string, ownFiles: readonly string[] = []): boolean {
  return existsSync(folder) && readdirSync(folder).some((name) => !ownFiles.includes(name));
}

function checkStamp(path: string): void {
  const file = join(path, STAMP);
  if (!existsSync(file)) {
    writeWhole(file, `${JSON.stringify({ format: FORMAT, writtenBy: ownVersion() })}\n`);
    return;
  }
  const { format, writtenBy } = readObject(file);
  if (typeof format !== 'number') throw new StoresError(`${file} is damaged: it names no format.`);
  if (format > FORMAT) {
    const reason = `was written by a newer version (${String(writtenBy)}, format ${format}; this one reads ${FORMAT})`;
    throw new StoresError(`The data folder ${path} ${reason}. Use that version, or another folder.`);
  }
}

function passwordsOf(path: string): Record<StoreName, string> {
  const file = join(path, PASSWORDS);
  if (!existsSync(file)) {
    const fresh = (): string => randomBytes(PASSWORD_BYTES).toString('base64url');
    writeWhole(file, `${JSON.stringify({ mongo: fresh(), redis: fresh() })}\n`);
  }
  const { mongo, redis } = readObject(file);
  if (typeof mongo !== 'string' || typeof redis !== 'string' || mongo === '' || redis === '') {
    throw new StoresError(`${file} is damaged: it does not hold the passwords of the stores.`);
  }
  return { mongo, redis };
}

function readObject(file: string): Record<string, unknown> {
  const text = readFileSync(file, 'utf8');
  try {
    return Object(JSON.parse(text)) as Record<string, unknown>; // its fields are checked by the callers
  } catch {
    // The parser's own words quote the file, and so a password.
    throw new StoresError(`${file} is damaged: it is not JSON.`);
  }
}

/** Half a password file would lock everybody out for good. */
export function writeWhole(file: string, text: string): void {
  const draft = `${file}.draft`;
  const descriptor = openSync(draft, 'w', 0o600);
  try {
    writeSync(descriptor, text);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(draft, file);
}

export function ownVersion(): string {
  const file = join(import.meta.dirname, '..', '..', '..', 'package.json');
  return String(readObject(file)['version']);
}
