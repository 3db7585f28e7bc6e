import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** Raised with every change that an older version could not read. */
const FORMAT_VERSION = 1;

export const dataFile = (folder: string): string => join(folder, 'data.sqlite');

export interface FolderLock {
  release(): void;
}

/** Held as an operating system lock on a small file of its own, which ends with the process however that ends. */
export function lockFolder(folder: string): FolderLock {
  mkdirSync(folder, { recursive: true });
  const lock = new DatabaseSync(join(folder, 'lock.sqlite'));
  try {
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    throw new Error(`another process uses the data folder ${folder}`, { cause: error });
  }
  return { release: () => lock.close() };
}

/** Stamps a new file, and refuses one that a newer version wrote. */
export function checkFormat(database: DatabaseSync, folder: string): void {
  const found = Number(database.prepare('PRAGMA user_version').get()?.['user_version']);
  if (found > FORMAT_VERSION)
    throw new Error(
      `the data folder ${folder} was written by a newer version (format ${found}, this one knows ${FORMAT_VERSION}): start that version, or use another folder`,
    );
  if (found < FORMAT_VERSION) database.exec(`PRAGMA user_version = ${FORMAT_VERSION}`);
}
