import { randomBytes } from 'node:crypto';
import { checkDocument } from '../semantics/bson/check.ts';
import { encode } from '../semantics/bson/encode.ts';
import { badValue, MongoError } from '../semantics/errors.ts';
import { BsonUndefined, Doc, ObjectId, Regex, Timestamp, type Value } from '../semantics/value.ts';
import { checkBson } from '../server/bson-check.ts';
import { MAX_DOCUMENT_BYTES } from '../server/limits.ts';

/** MongoDB's limit for what is stored. */
const MAX_STORED_DEPTH = 180;

const MACHINE_AND_PROCESS = randomBytes(5);
let lastCount = randomBytes(3).readUIntBE(0, 3);

/** An id like those drivers make, for who gave none. */
function newObjectId(): ObjectId {
  const bytes = Buffer.allocUnsafe(12);
  bytes.writeUInt32BE(Math.floor(Date.now() / 1000), 0);
  MACHINE_AND_PROCESS.copy(bytes, 4);
  lastCount = (lastCount + 1) & 0xffffff;
  bytes.writeUIntBE(lastCount, 9, 3);
  return new ObjectId(bytes);
}

function checkId(id: Value | undefined): void {
  if (Array.isArray(id)) throw new MongoError(53, "The '_id' value cannot be of type array");
  if (id instanceof Regex) throw new MongoError(53, "The '_id' value cannot be of type regex");
  if (id instanceof BsonUndefined) throw new MongoError(53, "The '_id' value cannot be of type undefined");
  const dollar = id instanceof Doc ? [...id.keys()].find((name) => name.startsWith('$')) : undefined;
  if (dollar)
    throw new MongoError(52, `_id fields may not contain '$'-prefixed fields: ${dollar} is not valid for storage.`);
}

function checkSize(bytes: number): void {
  if (bytes > MAX_DOCUMENT_BYTES)
    throw new MongoError(10334, `BSONObj size: ${bytes} is invalid. Size must be between 0 and ${MAX_DOCUMENT_BYTES}`);
}

/** The same document with `_id` first. */
const idFirst = (doc: Doc, id: Value): Doc =>
  new Doc(new Map([['_id', id], ...[...doc.asStored()].filter(([name]) => name !== '_id')]));

const isUnset = (value: unknown): boolean => value instanceof Timestamp && value.seconds === 0 && value.increment === 0;

let lastSeconds = 0;
let lastIncrement = 0;

function serverTimestamp(): Timestamp {
  const seconds = Math.floor(Date.now() / 1000);
  lastIncrement = seconds > lastSeconds ? 1 : lastIncrement + 1;
  lastSeconds = Math.max(lastSeconds, seconds);
  return new Timestamp(lastSeconds, lastIncrement);
}

/** An empty timestamp at the top level means the server's time, except in `_id`. */
export function withServerTime(doc: Doc): Doc {
  const names = [...doc.asStored()].filter(([name, value]) => name !== '_id' && isUnset(value)).map(([name]) => name);
  if (names.length === 0) return doc;
  const filled = doc.clone();
  for (const name of names) filled.set(name, serverTimestamp());
  return filled;
}

/** What an insert stores. `depth` is how deep the whole message nests: mostly it says that no look is needed. */
export function toInsert(doc: Doc, depth: number): Doc {
  const id = doc.get('_id');
  // Recorded: inserts answer 2 where updates answer 53.
  if (Array.isArray(id)) throw badValue("can't use an array for _id");
  if (id instanceof Regex) throw badValue("can't use a regex for _id");
  if (id instanceof BsonUndefined) throw badValue("can't use a undefined for _id");
  checkId(id);
  if (depth > MAX_STORED_DEPTH) checkDocument(doc);
  const placed = doc.firstKey() === '_id' ? doc : idFirst(doc, id ?? newObjectId());
  const filled = withServerTime(placed);
  checkSize(encode(filled).length);
  return filled;
}

/**
 * What an update stores: updates can make documents larger and deeper than what was sent. The bytes made for the
 * check are kept with the fields, so that storing does not make them again.
 */
export function checkUpdated(doc: Doc): Doc {
  const bytes = encode(doc);
  checkSize(bytes.length);
  if (checkBson(bytes, 0, bytes.length).depth > MAX_STORED_DEPTH) checkDocument(doc);
  return doc.withBytes(bytes);
}

/** What an upsert inserts. */
export function toUpsert(made: Doc): Doc {
  const id = made.get('_id');
  checkId(id);
  const placed = id !== undefined && made.firstKey() === '_id' ? made : idFirst(made, id ?? newObjectId());
  return checkUpdated(withServerTime(placed));
}
