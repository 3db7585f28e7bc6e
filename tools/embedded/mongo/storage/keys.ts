import { decimalParts } from '../semantics/decimal.ts';
import {
  Binary,
  BsonDate,
  BsonSymbol,
  Code,
  compare,
  DbPointer,
  Decimal128,
  Doc,
  Int32,
  ObjectId,
  Regex,
  Timestamp,
  type Value,
} from '../semantics/index.ts';
import { typeRank } from '../semantics/value.ts';

/** Ranks start at -1 (MinKey); zero is kept for the end of objects and arrays. */
const RANK_OFFSET = 2;
const SIGN = 1n << 63n;
/** Decimal exponents reach from -6176 to 6144: any larger offset makes them positive. */
const EXPONENT_OFFSET = 0x4000;
const EXACT = 0;
const BETWEEN = 1;

/** Collects the bytes of one key; grows as needed and is used again for the next key. */
class KeyWriter {
  buffer = Buffer.allocUnsafe(256);
  at = 0;

  room(bytes: number): number {
    const { at } = this;
    const needed = at + bytes;
    if (needed > this.buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(needed, this.buffer.length * 2));
      this.buffer.copy(larger, 0, 0, at);
      this.buffer = larger;
    }
    this.at = needed;
    return at;
  }
  byte(value: number): void {
    const at = this.room(1);
    this.buffer[at] = value;
  }
  raw(bytes: Uint8Array): void {
    const at = this.room(bytes.length);
    this.buffer.set(bytes, at);
  }
  bigint(value: bigint): void {
    const at = this.room(8);
    this.buffer.writeBigUInt64BE(value, at);
  }
  invert(from: number): void {
    for (let i = from; i < this.at; i++) this.buffer[i] = ~this.buffer[i]! & 0xff;
  }
}

/** UTF-8, a zero byte written as 0 255, ended by 0 0: a shorter text is less than each of its continuations. */
function text(writer: KeyWriter, value: string): void {
  if (value.includes('\0')) return withZeros(writer, Buffer.from(value));
  const at = writer.room(value.length * 3 + 2);
  const end = at + writer.buffer.write(value, at);
  writer.buffer[end] = 0;
  writer.buffer[end + 1] = 0;
  writer.at = end + 2;
}

function withZeros(writer: KeyWriter, bytes: Buffer): void {
  for (const byte of bytes) {
    writer.byte(byte);
    if (byte === 0) writer.byte(255);
  }
  writer.byte(0);
  writer.byte(0);
}

const scratch = Buffer.allocUnsafe(8);

/** The bits of a double in an order that equals that of the numbers: NaN is all zeros, below minus infinity. */
function double(writer: KeyWriter, value: number): void {
  const at = writer.room(8);
  const { buffer } = writer;
  if (Number.isNaN(value)) buffer.fill(0, at, at + 8);
  else {
    // Adding zero turns -0, which equals 0, into 0.
    buffer.writeDoubleBE(value + 0, at);
    if (buffer[at]! < 0x80) buffer[at]! |= 0x80;
    else for (let i = at; i < at + 8; i++) buffer[i] = ~buffer[i]! & 0xff;
  }
}

function nextBelow(value: number): number {
  if (value === 0) return -Number.MIN_VALUE;
  scratch.writeDoubleBE(value);
  const bits = scratch.readBigInt64BE();
  scratch.writeBigInt64BE(value > 0 ? bits - 1n : bits + 1n);
  return scratch.readDoubleBE();
}

/** Between two doubles the exact decimal digits decide; they follow the lower one. */
function digits(writer: KeyWriter, coefficient: bigint, exponent: number, negative: boolean): void {
  const from = writer.at;
  const all = coefficient.toString();
  const place = exponent + all.length + EXPONENT_OFFSET;
  writer.byte(place >> 8);
  writer.byte(place & 0xff);
  for (const digit of all.replace(/0+$/, '')) writer.byte(Number(digit) + 1);
  writer.byte(0);
  if (negative) writer.invert(from);
}

function long(writer: KeyWriter, value: bigint): void {
  const nearest = Number(value);
  const rounded = BigInt(nearest);
  double(writer, rounded > value ? nextBelow(nearest) : nearest);
  if (rounded === value) return writer.byte(EXACT);
  writer.byte(BETWEEN);
  digits(writer, value < 0n ? -value : value, 0, value < 0n);
}

function decimal(writer: KeyWriter, value: Decimal128): void {
  const parts = decimalParts(value);
  if (parts.kind !== 'finite') {
    double(writer, parts.kind === 'nan' ? Number.NaN : parts.negative ? -Infinity : Infinity);
    return writer.byte(EXACT);
  }
  const { coefficient, exponent, negative } = parts;
  const nearest = Number(`${negative ? '-' : ''}${coefficient}e${exponent}`);
  const order = compare(nearest, value);
  double(writer, order > 0 ? nextBelow(nearest) : nearest);
  if (order === 0) return writer.byte(EXACT);
  writer.byte(BETWEEN);
  digits(writer, coefficient, exponent, negative);
}

function nested(writer: KeyWriter, doc: Doc): void {
  for (const [name, value] of doc) {
    writer.byte(typeRank(value) + RANK_OFFSET);
    text(writer, name);
    content(writer, value);
  }
  writer.byte(0);
}

function list(writer: KeyWriter, values: readonly Value[]): void {
  for (const value of values) element(writer, value);
  writer.byte(0);
}

function element(writer: KeyWriter, value: Value): void {
  writer.byte(typeRank(value) + RANK_OFFSET);
  content(writer, value);
}

function content(writer: KeyWriter, value: Value): void {
  if (typeof value === 'string') text(writer, value);
  else if (value instanceof Int32) {
    double(writer, value.value);
    writer.byte(EXACT);
  } else if (typeof value === 'number') {
    double(writer, value);
    writer.byte(EXACT);
  } else if (value instanceof ObjectId) writer.raw(value.bytes);
  else if (value instanceof BsonDate) writer.bigint(BigInt.asUintN(64, value.ms) ^ SIGN);
  else if (typeof value === 'boolean') writer.byte(value ? 1 : 0);
  else if (typeof value === 'bigint') long(writer, value);
  else if (value instanceof Doc) nested(writer, value);
  else if (Array.isArray(value)) list(writer, value);
  else rare(writer, value);
}

function rare(writer: KeyWriter, value: Value): void {
  if (value instanceof Decimal128) decimal(writer, value);
  else if (value instanceof Timestamp)
    writer.bigint((BigInt(value.seconds >>> 0) << 32n) | BigInt(value.increment >>> 0));
  else if (value instanceof Binary) {
    const at = writer.room(5);
    writer.buffer.writeUInt32BE(value.bytes.length, at);
    writer.buffer[at + 4] = value.subtype;
    writer.raw(value.bytes);
  } else if (value instanceof Regex) {
    text(writer, value.pattern);
    text(writer, value.options);
  } else if (value instanceof BsonSymbol) text(writer, value.value);
  else if (value instanceof Code) {
    text(writer, value.code);
    if (value.scope) nested(writer, value.scope);
  } else if (value instanceof DbPointer) {
    text(writer, value.namespace);
    writer.raw(value.id.bytes);
  }
}

const shared = new KeyWriter();

/**
 * Bytes whose order is MongoDB's order of the values, field by field; a descending field has its bits inverted. No
 * encoding of a value is the beginning of another's, so a compound key's prefix is the key of its first fields.
 */
export function encodeKey(values: ReadonlyArray<Value | undefined>, directions: ReadonlyArray<1 | -1>): Buffer {
  shared.at = 0;
  for (let i = 0; i < values.length; i++) {
    const from = shared.at;
    // An index keeps a missing field as null.
    element(shared, values[i] ?? null);
    if (directions[i] === -1) shared.invert(from);
  }
  return Buffer.from(shared.buffer.subarray(0, shared.at));
}

/** The first byte of all values of this one's type. */
export const rankByte = (value: Value): number => typeRank(value) + RANK_OFFSET;

/** The least key above all that begin with `prefix`; `undefined` when there is none. */
export function after(prefix: Buffer): Buffer | undefined {
  for (let i = prefix.length - 1; i >= 0; i--) {
    if (prefix[i] === 255) continue;
    const next = Buffer.from(prefix.subarray(0, i + 1));
    next[i]! += 1;
    return next;
  }
  return undefined;
}
