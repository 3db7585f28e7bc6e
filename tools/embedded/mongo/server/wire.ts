import { decode } from '../semantics/bson/decode.ts';
import { MongoError } from '../semantics/errors.ts';
import type { Doc } from '../semantics/value.ts';
import { checkBson } from './bson-check.ts';
import { crc32c } from './crc32c.ts';
import { ProtocolError } from './frames.ts';

const OP_REPLY = 1;
const OP_QUERY = 2004;
const OP_MSG = 2013;
const HEADER_BYTES = 16;

const CHECKSUM_PRESENT = 1;
const MORE_TO_COME = 2;
/** The low half of the flags must be understood, the high half (exhaustAllowed) may be ignored. */
const REQUIRED_FLAGS = 0xffff;

/** Legacy cursors carry the flag AwaitCapable; drivers of today do not look at it. */
const AWAIT_CAPABLE = 8;

export interface Request {
  readonly requestId: number;
  /** Asked by OP_QUERY, as a driver's first hello is; answered by OP_REPLY. */
  readonly legacy: boolean;
  /** The client does not wait for an answer. */
  readonly silent: boolean;
  readonly command: Doc;
  /** The document sequences of the message (`documents`, `updates`, `deletes`). */
  readonly sequences: ReadonlyMap<string, readonly Doc[]>;
  readonly depth: number;
}

const NO_SEQUENCES: Request['sequences'] = new Map();

export const requestIdOf = (frame: Buffer): number => frame.readInt32LE(4);
export const isLegacy = (frame: Buffer): boolean => frame.readInt32LE(12) === OP_QUERY;
export const wantsNoAnswer = (frame: Buffer): boolean =>
  frame.readInt32LE(12) === OP_MSG && frame.length >= 20 && (frame.readUInt32LE(16) & MORE_TO_COME) !== 0;

function nameEnd(frame: Buffer, at: number, end: number): number {
  const found = frame.indexOf(0, at);
  if (found < 0 || found >= end) throw new ProtocolError('a name without end');
  return found;
}

class Sections {
  command: Doc | undefined;
  depth = 0;
  sequences: Map<string, Doc[]> | undefined;

  read(frame: Buffer, end: number): void {
    let at = HEADER_BYTES + 4;
    while (at < end) {
      const kind = frame[at++];
      if (kind === 0) at = this.body(frame, at, end);
      else if (kind === 1) at = this.sequence(frame, at, end);
      else throw new ProtocolError(`section kind ${kind}`);
    }
  }

  private document(frame: Buffer, at: number, limit: number): Doc {
    const { end, depth } = checkBson(frame, at, limit);
    if (depth > this.depth) this.depth = depth;
    return decode(frame.subarray(at, end));
  }

  private body(frame: Buffer, at: number, end: number): number {
    if (this.command) throw new ProtocolError('two bodies in one message');
    this.command = this.document(frame, at, end);
    // A document that was decoded has its bytes.
    return at + this.command.bytes!.length;
  }

  private sequence(frame: Buffer, at: number, end: number): number {
    if (at + 5 > end) throw new ProtocolError('a sequence beyond the end');
    const sequenceEnd = at + frame.readInt32LE(at);
    if (sequenceEnd < at + 5 || sequenceEnd > end) throw new ProtocolError('a sequence of wrong length');
    const nul = nameEnd(frame, at + 4, sequenceEnd);
    const name = frame.toString('utf8', at + 4, nul);
    this.sequences ??= new Map();
    if (this.sequences.has(name)) throw new MongoError(40431, `Duplicate document sequence: ${name}`);
    const documents: Doc[] = [];
    for (let next = nul + 1; next < sequenceEnd; next += documents.at(-1)!.bytes!.length)
      documents.push(this.document(frame, next, sequenceEnd));
    this.sequences.set(name, documents);
    return sequenceEnd;
  }
}

function parseMsg(frame: Buffer): Request {
  if (frame.length < HEADER_BYTES + 5) throw new ProtocolError('a message without body');
  const flags = frame.readUInt32LE(HEADER_BYTES);
  const unknown = flags & REQUIRED_FLAGS & ~(CHECKSUM_PRESENT | MORE_TO_COME);
  if (unknown !== 0) throw new ProtocolError(`unknown flags ${unknown}`);
  const checked = (flags & CHECKSUM_PRESENT) !== 0;
  const end = checked ? frame.length - 4 : frame.length;
  if (checked && frame.readUInt32LE(end) !== crc32c(frame.subarray(0, end))) throw new ProtocolError('wrong checksum');
  const sections = new Sections();
  sections.read(frame, end);
  if (!sections.command) throw new ProtocolError('a message without body');
  return {
    requestId: requestIdOf(frame),
    legacy: false,
    silent: (flags & MORE_TO_COME) !== 0,
    command: sections.command,
    sequences: sections.sequences ?? NO_SEQUENCES,
    depth: sections.depth,
  };
}

function parseQuery(frame: Buffer): Request {
  if (frame.length < HEADER_BYTES + 18) throw new ProtocolError('a query too short');
  const at = nameEnd(frame, HEADER_BYTES + 4, frame.length) + 1 + 8;
  const { end, depth } = checkBson(frame, at, frame.length);
  const command = decode(frame.subarray(at, end));
  return {
    requestId: requestIdOf(frame),
    legacy: true,
    silent: false,
    command,
    sequences: NO_SEQUENCES,
    depth,
  };
}

export function parseMessage(frame: Buffer): Request {
  const opCode = frame.readInt32LE(12);
  if (opCode === OP_MSG) return parseMsg(frame);
  if (opCode === OP_QUERY) return parseQuery(frame);
  throw new ProtocolError(`operation ${opCode}`);
}

let lastId = 0;

function header(bytes: number, opCode: number, { body, responseTo }: { body: number; responseTo: number }): Buffer {
  const head = Buffer.allocUnsafe(bytes);
  lastId = (lastId + 1) & 0x7fffffff;
  head.writeInt32LE(bytes + body, 0);
  head.writeInt32LE(lastId, 4);
  head.writeInt32LE(responseTo, 8);
  head.writeInt32LE(opCode, 12);
  return head;
}

/** The bytes in front of an answer's document. */
export function answerHead(body: number, responseTo: number, legacy: boolean): Buffer {
  if (!legacy) {
    const head = header(HEADER_BYTES + 5, OP_MSG, { body, responseTo });
    return head.fill(0, HEADER_BYTES);
  }
  const head = header(HEADER_BYTES + 20, OP_REPLY, { body, responseTo }).fill(0, HEADER_BYTES);
  head.writeInt32LE(AWAIT_CAPABLE, HEADER_BYTES);
  head.writeInt32LE(1, HEADER_BYTES + 16);
  return head;
}
