import {
  Binary,
  BsonDate,
  BsonSymbol,
  Code,
  DbPointer,
  Decimal128,
  Doc,
  Int32,
  ObjectId,
  Regex,
  Timestamp,
  typeCode,
  UnreadArray,
  type Value,
} from '../value.ts';
import { countElements } from './decode.ts';

const ARRAY = 0x04;

/** Grows by doubling; the start is a page, because most documents are smaller. */
const FIRST_BYTES = 4096;

class Writer {
  buffer: Buffer;
  at = 0;

  constructor(bytes = FIRST_BYTES) {
    this.buffer = Buffer.allocUnsafe(bytes);
  }

  room(bytes: number): number {
    const start = this.at;
    const end = start + bytes;
    if (end > this.buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(end, this.buffer.length * 2));
      this.buffer.copy(larger, 0, 0, start);
      this.buffer = larger;
    }
    this.at = end;
    return start;
  }

  byte(value: number): void {
    // First the room: it may replace the buffer.
    const at = this.room(1);
    this.buffer[at] = value & 0xff;
  }
  int32(value: number): void {
    const at = this.room(4);
    this.buffer.writeInt32LE(value, at);
  }
  int64(value: bigint): void {
    const at = this.room(8);
    this.buffer.writeBigInt64LE(BigInt.asIntN(64, value), at);
  }
  double(value: number): void {
    const at = this.room(8);
    this.buffer.writeDoubleLE(value, at);
  }
  raw(bytes: Uint8Array): void {
    const at = this.room(bytes.length);
    this.buffer.set(bytes, at);
  }
  cstring(value: string): void {
    const at = this.room(value.length * 3 + 1);
    const written = this.buffer.write(value, at);
    this.buffer[at + written] = 0;
    this.at = at + written + 1;
  }
  string(value: string): void {
    const at = this.room(4);
    this.cstring(value);
    this.buffer.writeInt32LE(this.at - at - 4, at);
  }
}

function withLength(writer: Writer, body: () => void): void {
  const at = writer.room(4);
  body();
  writer.buffer.writeInt32LE(writer.at - at, at);
}

function field(writer: Writer, name: string, value: Value | UnreadArray): void {
  const unread = value instanceof UnreadArray;
  writer.byte(unread ? ARRAY : typeCode(value));
  writer.cstring(name);
  if (unread) writer.raw(value.bytes);
  else payload(writer, value);
}

function document(writer: Writer, doc: Doc): void {
  if (doc.bytes) return writer.raw(doc.bytes);
  withLength(writer, () => {
    for (const [name, value] of doc.asStored()) field(writer, name, value);
    writer.byte(0);
  });
}

function array(writer: Writer, values: Value[]): void {
  withLength(writer, () => {
    values.forEach((value, index) => field(writer, String(index), value));
    writer.byte(0);
  });
}

function payload(writer: Writer, value: Value): void {
  if (typeof value === 'string') writer.string(value);
  else if (typeof value === 'number') writer.double(value);
  else if (typeof value === 'bigint') writer.int64(value);
  else if (typeof value === 'boolean') writer.byte(value ? 1 : 0);
  else if (value instanceof Int32) writer.int32(value.value);
  else if (value instanceof Doc) document(writer, value);
  else if (Array.isArray(value)) array(writer, value);
  else rare(writer, value);
}

function rare(writer: Writer, value: Value): void {
  if (value instanceof ObjectId) writer.raw(value.bytes);
  else if (value instanceof BsonDate) writer.int64(value.ms);
  else if (value instanceof Decimal128) {
    writer.int64(value.low);
    writer.int64(value.high);
  } else if (value instanceof Binary) {
    writer.int32(value.bytes.length);
    writer.byte(value.subtype);
    writer.raw(value.bytes);
  } else if (value instanceof Regex) {
    writer.cstring(value.pattern);
    writer.cstring(value.options);
  } else if (value instanceof Timestamp) {
    writer.int32(value.increment | 0);
    writer.int32(value.seconds | 0);
  } else if (value instanceof Code) code(writer, value);
  else if (value instanceof BsonSymbol) writer.string(value.value);
  else if (value instanceof DbPointer) {
    writer.string(value.namespace);
    writer.raw(value.id.bytes);
  }
}

function code(writer: Writer, value: Code): void {
  const { scope } = value;
  if (!scope) return writer.string(value.code);
  withLength(writer, () => {
    writer.string(value.code);
    document(writer, scope);
  });
}

/** The document's bytes; those of untouched nested documents are copied as they were. */
export function encode(doc: Doc): Buffer {
  if (doc.bytes) return doc.bytes;
  const writer = new Writer();
  document(writer, doc);
  return writer.buffer.subarray(0, writer.at);
}

/** The array with these values at its end; what is there already is copied unread. */
export function appended({ bytes, read }: UnreadArray, values: readonly Value[]): UnreadArray {
  const writer = new Writer(bytes.length + FIRST_BYTES);
  const count = countElements(bytes);
  withLength(writer, () => {
    writer.raw(bytes.subarray(4, -1));
    values.forEach((value, index) => field(writer, String(count + index), value));
    writer.byte(0);
  });
  return new UnreadArray(writer.buffer.subarray(0, writer.at), read);
}

/** One value as bytes with its type in front: equal bytes are the same value of the same type. */
export function encodeValue(value: Value): Buffer {
  const writer = new Writer();
  writer.byte(typeCode(value));
  payload(writer, value);
  return writer.buffer.subarray(0, writer.at);
}
