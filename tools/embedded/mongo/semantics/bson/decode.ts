import { MongoError } from '../errors.ts';
import {
  Binary,
  BsonDate,
  BsonSymbol,
  Code,
  DbPointer,
  Decimal128,
  Doc,
  Int32,
  MAX_KEY,
  MIN_KEY,
  ObjectId,
  Regex,
  Timestamp,
  UNDEFINED,
  UnreadArray,
  type Value,
} from '../value.ts';

const invalid = (what: string): MongoError => new MongoError(22, `Invalid BSON: ${what}`);

/** A cursor over one document's bytes; reading past their end is an error, never another document's data. */
class Reader {
  readonly buffer: Buffer;
  at: number;
  constructor(buffer: Buffer, at: number) {
    this.buffer = buffer;
    this.at = at;
  }

  int32(): number {
    const value = this.buffer.readInt32LE(this.at);
    this.at += 4;
    return value;
  }

  cstring(): string {
    const { buffer, at } = this;
    const end = buffer.indexOf(0, at);
    if (end < 0) throw invalid('a name without end');
    this.at = end + 1;
    return text(buffer, at, end);
  }

  string(): string {
    const length = this.int32();
    const end = this.at + length - 1;
    if (length < 1 || end >= this.buffer.length || this.buffer[end] !== 0) throw invalid('a string of wrong length');
    const value = text(this.buffer, this.at, end);
    this.at = end + 1;
    return value;
  }

  take(length: number): Buffer {
    const end = this.at + length;
    if (length < 0 || end > this.buffer.length) throw invalid('a value of wrong length');
    const slice = this.buffer.subarray(this.at, end);
    this.at = end;
    return slice;
  }

  document(): Buffer {
    if (this.at + 5 > this.buffer.length) throw invalid('a document of wrong length');
    const slice = this.take(this.buffer.readInt32LE(this.at));
    if (slice.length < 5 || slice[slice.length - 1] !== 0) throw invalid('a document without end');
    return slice;
  }
}

/** Measured: below this many bytes a loop over ASCII beats the call into the decoder. */
const SHORT = 16;

function text(buffer: Buffer, start: number, end: number): string {
  if (end - start > SHORT) return buffer.toString('utf8', start, end);
  let value = '';
  for (let i = start; i < end; i++) {
    const byte = buffer[i]!;
    if (byte > 127) return buffer.toString('utf8', start, end);
    value += String.fromCharCode(byte);
  }
  return value;
}

function binary(reader: Reader): Binary {
  const length = reader.int32();
  const subtype = reader.take(1)[0]!;
  return new Binary(subtype, reader.take(length));
}

function codeWithScope(reader: Reader): Code {
  reader.int32();
  return new Code(reader.string(), decode(reader.document()));
}

const ARRAY = 0x04;

const READ: Record<number, (reader: Reader) => Value> = {
  0x01: (reader) => reader.take(8).readDoubleLE(0),
  0x02: (reader) => reader.string(),
  0x03: (reader) => decode(reader.document()),
  [ARRAY]: (reader) => elements(reader.document()),
  0x05: binary,
  0x06: () => UNDEFINED,
  0x07: (reader) => new ObjectId(reader.take(12)),
  0x08: (reader) => reader.take(1)[0] === 1,
  0x09: (reader) => new BsonDate(reader.take(8).readBigInt64LE(0)),
  0x0a: () => null,
  0x0b: (reader) => new Regex(reader.cstring(), reader.cstring()),
  0x0c: (reader) => new DbPointer(reader.string(), new ObjectId(reader.take(12))),
  0x0d: (reader) => new Code(reader.string()),
  0x0e: (reader) => new BsonSymbol(reader.string()),
  0x0f: codeWithScope,
  0x10: (reader) => new Int32(reader.int32()),
  0x11: (reader) => {
    const bytes = reader.take(8);
    return new Timestamp(bytes.readUInt32LE(4), bytes.readUInt32LE(0));
  },
  0x12: (reader) => reader.take(8).readBigInt64LE(0),
  0x13: (reader) => {
    const bytes = reader.take(16);
    return new Decimal128(bytes.readBigUInt64LE(8), bytes.readBigUInt64LE(0));
  },
  0x7f: () => MAX_KEY,
  0xff: () => MIN_KEY,
};

function each<T>(
  bytes: Buffer,
  table: Record<number, (reader: Reader) => T>,
  add: (name: string, value: T) => void,
): void {
  const reader = new Reader(bytes, 4);
  const end = bytes.length - 1;
  while (reader.at < end) {
    const type = bytes[reader.at++]!;
    const name = reader.cstring();
    const read = table[type];
    if (!read) throw invalid(`type ${type}`);
    add(name, read(reader));
  }
}

const unread = (reader: Reader): UnreadArray => new UnreadArray(reader.document(), elements);
const READ_FIELD: Record<number, (reader: Reader) => Value | UnreadArray> = { ...READ, [ARRAY]: unread };

function fields(bytes: Buffer): Map<string, Value | UnreadArray> {
  const map = new Map<string, Value | UnreadArray>();
  each(bytes, READ_FIELD, (name, value) => map.set(name, value));
  return map;
}

function elements(bytes: Buffer): Value[] {
  const list: Value[] = [];
  each(bytes, READ, (_, value) => list.push(value));
  return list;
}

const passOver = (bytes: number) => (reader: Reader) => void reader.take(bytes);
const passString = (reader: Reader): void => void reader.take(reader.int32());
/** The types that arrays are long of; the others are read to be passed over. */
const PASS: Record<number, (reader: Reader) => unknown> = {
  ...READ,
  0x01: passOver(8),
  0x02: passString,
  0x03: (reader) => reader.document(),
  [ARRAY]: (reader) => reader.document(),
  0x10: passOver(4),
};

/** How many elements an array has, without reading them. */
export function countElements(bytes: Buffer): number {
  let count = 0;
  each(bytes, PASS, () => (count += 1));
  return count;
}

/** One document; nested documents stay bytes until somebody reads them. */
export function decode(bytes: Uint8Array): Doc {
  const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (buffer.length < 5 || buffer.readInt32LE(0) !== buffer.length) throw invalid('a document of wrong length');
  return Doc.lazy(buffer, fields);
}
