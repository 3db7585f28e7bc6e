import { badValue, failedToParse, MongoError, NotImplementedError, typeMismatch } from '../semantics/errors.ts';
import { integral, isNumeric } from '../semantics/number.ts';
import { Binary, Doc, Int32, type Value } from '../semantics/value.ts';
import type { Command, Session } from './call.ts';
import { checkPart, flagAt, textAt, wholeAt, type Rule } from './fields.ts';

/** Mongo's: more members than a replica set can have. */
const MAX_W = 50;

const READ_CONCERNS = new Set(['local', 'available', 'majority']);

/** Every read sees only what is on disk, so these three levels are one. */
function checkReadConcern(value: Value): void {
  if (!(value instanceof Doc)) throw typeMismatch("BSON field 'readConcern' is the wrong type, expected type 'object'");
  for (const name of value.keys())
    if (name !== 'level' && name !== 'afterClusterTime' && name !== 'provenance')
      throw new NotImplementedError(`readConcern with ${name}`);
  const level = value.get('level') ?? 'local';
  if (level === 'linearizable' || level === 'snapshot') throw new NotImplementedError(`readConcern ${level}`);
  if (typeof level !== 'string' || !READ_CONCERNS.has(level))
    throw failedToParse(`'${String(level)}' is not a valid readConcern level`);
}

const CONCERN_RULES: Readonly<Record<string, Rule>> = { j: 'flag', fsync: 'flag', wtimeout: 'whole' };

/** The error beside a write that was done, when more was asked than one node can give. */
export function writeConcernErrorOf(command: Doc): Doc | undefined {
  const concern = command.get('writeConcern');
  if (concern === undefined) return undefined;
  if (!(concern instanceof Doc)) throw typeMismatch("BSON field 'writeConcern' is the wrong type, expected 'object'");
  for (const name of concern.keys())
    if (!['w', 'j', 'wtimeout', 'fsync', 'provenance'].includes(name))
      throw new MongoError(40415, `BSON field 'WriteConcern.${name}' is an unknown field.`);
  checkPart('WriteConcern', new Doc([...concern].filter(([name]) => name in CONCERN_RULES)), CONCERN_RULES);
  const w = concern.get('w') ?? 'majority';
  if (w === 'majority') return undefined;
  if (typeof w === 'string')
    return concernError(79, 'UnknownReplWriteConcern', `No write concern mode named '${w}' found`);
  if (!isNumeric(w)) throw failedToParse('w has to be a number, string, or object');
  const wanted = wholeAt(concern, 'w') ?? 0;
  if (wanted < 0 || wanted > MAX_W) throw failedToParse('w has to be a non-negative number and not greater than 50');
  return wanted > 1 ? concernError(100, 'UnsatisfiableWriteConcern', 'Not enough data-bearing nodes') : undefined;
}

const concernError = (code: number, codeName: string, errmsg: string): Doc =>
  Doc.of({ code: new Int32(code), codeName, errmsg });

export function sessionIdOf(lsid: Value | undefined): string {
  const id = lsid instanceof Doc ? lsid.get('id') : undefined;
  if (!(id instanceof Binary) || id.subtype !== 4 || id.bytes.length !== 16)
    throw typeMismatch("BSON field 'lsid.id' must be a UUID");
  const other = lsid instanceof Doc ? [...lsid.keys()].find((name) => name !== 'id') : undefined;
  if (other !== undefined) throw new MongoError(40415, `BSON field 'lsid.${other}' is an unknown field.`);
  return Buffer.from(id.bytes).toString('hex');
}

const invalidOption = (message: string): MongoError => new MongoError(72, message);

function checkTransaction(command: Doc, name: string, txnNumber: Value | undefined): void {
  const autocommit = command.get('autocommit');
  const starts = command.get('startTransaction');
  if (starts !== undefined && autocommit === undefined)
    throw invalidOption('Specifying startTransaction=true requires autocommit=false');
  if (autocommit === undefined) return;
  if (autocommit !== false) throw invalidOption("Specifying 'autocommit' is only valid with the value false");
  if (txnNumber === undefined) throw invalidOption("'autocommit' field requires a transaction number");
  throw new NotImplementedError(
    'a transaction',
    `${name} with autocommit: false; each write of one document is atomic, transactions of several are not kept`,
  );
}

/** `lsid` and `txnNumber`, with the combinations MongoDB refuses. */
export function sessionOf(command: Doc, name: string, { retryable }: Command): Session | undefined {
  const lsid = command.get('lsid');
  const txnNumber = command.get('txnNumber');
  if (lsid === undefined && txnNumber !== undefined)
    throw invalidOption('Transaction number requires a session ID to also be specified');
  checkTransaction(command, name, txnNumber);
  if (lsid === undefined) return undefined;
  if (txnNumber === undefined) return { id: sessionIdOf(lsid), txnNumber: undefined };
  if (!retryable)
    throw new MongoError(50768, `txnNumber may only be provided for retryable write commands, and ${name} is none`);
  if (typeof txnNumber !== 'bigint') throw typeMismatch("BSON field 'txnNumber' must be of type long");
  if (txnNumber < 0n) throw invalidOption('Transaction number cannot be negative');
  return { id: sessionIdOf(lsid), txnNumber };
}

export function deadlineOf(command: Doc, name: string): number | undefined {
  if (!isNumeric(command.get('maxTimeMS') ?? 0)) throw badValue('maxTimeMS must be a number');
  const limit = wholeAt(command, 'maxTimeMS');
  if (limit === undefined || limit === 0) return undefined;
  if (integral(command.get('maxTimeMS')) === undefined) throw badValue('maxTimeMS has a non-integral value');
  if (limit < 0 || limit >= 2 ** 31) throw badValue(`${limit} value for maxTimeMS is out of range`);
  if (name === 'getMore') throw badValue('cannot set maxTimeMS on getMore command for a non-awaitData cursor');
  return performance.now() + limit;
}

type Check = (value: Value, command: Doc) => void;

/** What every command may carry; the sessions' fields and times are read by the functions above. */
export const COMMON: ReadonlyMap<string, Check> = new Map<string, Check>([
  ['$db', () => undefined],
  ['lsid', () => undefined],
  ['txnNumber', () => undefined],
  ['autocommit', () => undefined],
  ['startTransaction', () => undefined],
  ['maxTimeMS', () => undefined],
  ['comment', () => undefined],
  ['$readPreference', checkReadPreference],
  ['$clusterTime', () => undefined],
  ['readConcern', checkReadConcern],
  ['writeConcern', () => undefined],
  ['apiVersion', refuseStrictApi],
  ['apiStrict', refuseStrictApi],
  ['apiDeprecationErrors', refuseStrictApi],
]);

const READ_MODES = ['primary', 'primaryPreferred', 'secondary', 'secondaryPreferred', 'nearest'];

/** One node is the primary and the nearest of whatever is preferred. */
function checkReadPreference(value: Value): void {
  if (!(value instanceof Doc)) throw typeMismatch("BSON field '$readPreference' must be an object");
  if (!READ_MODES.includes(textAt(value, 'mode') ?? ''))
    throw failedToParse(`Could not parse $readPreference. Only the modes ${READ_MODES.join(', ')} are supported.`);
}

function refuseStrictApi(_value: Value, command: Doc): void {
  if (textAt(command, 'apiVersion') !== '1') throw new MongoError(322, 'API version must be "1"');
  if (flagAt(command, 'apiStrict') || flagAt(command, 'apiDeprecationErrors'))
    throw new NotImplementedError('apiStrict');
}
