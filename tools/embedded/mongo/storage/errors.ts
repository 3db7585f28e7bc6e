import { MongoError, type Doc } from '../semantics/index.ts';

/** 11000 with what drivers read from it. */
export class DuplicateKeyError extends MongoError {
  readonly keyPattern: Doc;
  readonly keyValue: Doc;

  constructor(message: string, keyPattern: Doc, keyValue: Doc) {
    super(11000, message);
    this.keyPattern = keyPattern;
    this.keyValue = keyValue;
  }
}

/** SQLite's primary result codes, the low byte of what node:sqlite calls `errcode`. */
const SQLITE_FULL = 13;
const SQLITE_IOERR = 10;
const SQLITE_CORRUPT = 11;

interface SqliteFailure extends Error {
  readonly code: 'ERR_SQLITE_ERROR';
  readonly errcode: number;
}

export const isSqliteFailure = (error: unknown): error is SqliteFailure =>
  typeof error === 'object' && error !== null && 'errcode' in error && typeof error.errcode === 'number';

/** What a failure of the file means to a client: no room is an error drivers know, the rest is internal. */
export function storageError(error: unknown): unknown {
  if (!isSqliteFailure(error)) return error;
  const primary = error.errcode & 0xff;
  // A full disk also shows as a failed write or a log that cannot be extended.
  if (primary === SQLITE_FULL || primary === SQLITE_IOERR)
    return withCause(new MongoError(14031, `no space or no access to the data folder: ${error.message}`), error);
  if (primary === SQLITE_CORRUPT)
    return withCause(new MongoError(8, `the data file is damaged: ${error.message}`), error);
  return withCause(new MongoError(1, `internal error of the store: ${error.message}`), error);
}

function withCause(error: MongoError, cause: unknown): MongoError {
  error.cause = cause;
  return error;
}
