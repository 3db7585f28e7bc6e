import { MongoError } from '../semantics/errors.ts';

/** MongoDB's own limit for what arrives; what is stored has a lower one (180). */
const MAX_DEPTH = 200;

const invalid = (what: string): MongoError => new MongoError(22, `Invalid BSON: ${what}`);

/** Bytes of the types of fixed length; what is missing here has a length in front or is a name. */
const FIXED: ReadonlyMap<number, number> = new Map([
  [0x01, 8],
  [0x06, 0],
  [0x07, 12],
  [0x08, 1],
  [0x09, 8],
  [0x0a, 0],
  [0x10, 4],
  [0x11, 8],
  [0x12, 8],
  [0x13, 16],
  [0x7f, 0],
  [0xff, 0],
]);

/** The place after a text with its length in front. */
function afterString(buffer: Buffer, at: number, end: number): number {
  if (at + 5 > end) throw invalid('a string beyond the end');
  const length = buffer.readInt32LE(at);
  const next = at + 4 + length;
  if (length < 1 || next > end || buffer[next - 1] !== 0) throw invalid('a string of wrong length');
  return next;
}

function afterName(buffer: Buffer, at: number, end: number): number {
  let next = at;
  while (next < end && buffer[next] !== 0) next++;
  if (next >= end) throw invalid('a name without end');
  return next + 1;
}

function afterBinary(buffer: Buffer, at: number, end: number): number {
  if (at + 5 > end) throw invalid('binary data beyond the end');
  const length = buffer.readInt32LE(at);
  if (length < 0) throw invalid('binary data of wrong length');
  return at + 5 + length;
}

/** Walks bytes and allocates nothing, because every message goes through it. */
class Walk {
  deepest = 0;
  readonly buffer: Buffer;
  constructor(buffer: Buffer) {
    this.buffer = buffer;
  }

  document(at: number, limit: number, depth: number): number {
    const { buffer } = this;
    if (depth > MAX_DEPTH) throw new MongoError(15, `BSONObj exceeded maximum nested object depth: ${MAX_DEPTH}`);
    if (depth > this.deepest) this.deepest = depth;
    if (at + 5 > limit) throw invalid('a document beyond the end');
    const length = buffer.readInt32LE(at);
    const end = at + length;
    if (length < 5 || end > limit || buffer[end - 1] !== 0) throw invalid('a document of wrong length');
    let next = at + 4;
    while (next < end - 1) {
      const type = buffer[next]!;
      next = this.value(type, afterName(buffer, next + 1, end - 1), end - 1, depth);
      if (next > end - 1) throw invalid('a value beyond the end');
    }
    return end;
  }

  private value(type: number, at: number, end: number, depth: number): number {
    const fixed = FIXED.get(type);
    if (type === 0x08 && this.buffer[at]! > 1) throw invalid('a boolean that is neither true nor false');
    if (fixed !== undefined) return at + fixed;
    if (type === 0x03 || type === 0x04) return this.document(at, end, depth + 1);
    if (type === 0x02 || type === 0x0d || type === 0x0e) return afterString(this.buffer, at, end);
    if (type === 0x05) return afterBinary(this.buffer, at, end);
    if (type === 0x0b) return afterName(this.buffer, afterName(this.buffer, at, end), end);
    if (type === 0x0c) return afterString(this.buffer, at, end) + 12;
    if (type === 0x0f) return this.document(afterString(this.buffer, at + 4, end), end, depth + 1);
    throw invalid(`type ${type}`);
  }
}

/** Refuses bytes that are not one whole document; answers how deep it nests. */
export function checkBson(buffer: Buffer, at: number, limit: number): { end: number; depth: number } {
  const walk = new Walk(buffer);
  const end = walk.document(at, limit, 1);
  return { end, depth: walk.deepest };
}
