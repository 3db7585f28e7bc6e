/** The few reply types that settings, snapshots and probes meet; a wider client is `ioredis`. */
export type Reply = string | number | null | ReplyError;

export interface ReplyError {
  readonly error: string;
}

const CRLF = '\r\n';
/** Longest status, error or length line: Valkey's own lines stay far below; more is no RESP server. */
const MAX_LINE_BYTES = 64 * 1024;

export function encodeCommand(words: readonly string[]): Buffer {
  const parts = words.map((word) => `$${Buffer.byteLength(word)}${CRLF}${word}${CRLF}`);
  return Buffer.from(`*${words.length}${CRLF}${parts.join('')}`);
}

export function isReplyError(reply: Reply): reply is ReplyError {
  return typeof reply === 'object' && reply !== null;
}

/** Cuts a byte stream into RESP2 replies, whatever the pieces it arrives in. */
export class ReplyReader {
  #bytes: Buffer = Buffer.alloc(0);

  push(bytes: Buffer): void {
    this.#bytes = this.#bytes.length === 0 ? Buffer.from(bytes) : Buffer.concat([this.#bytes, bytes]);
  }

  /** The next whole reply, or undefined when more bytes are needed. */
  take(): Reply | undefined {
    const end = this.#bytes.indexOf(CRLF);
    if (end < 0) {
      if (this.#bytes.length > MAX_LINE_BYTES) throw new Error('This is not the answer of a Redis server.');
      return undefined;
    }
    const kind = String.fromCharCode(this.#bytes[0] ?? 0);
    const line = this.#bytes.toString('utf8', 1, end);
    const next = end + CRLF.length;
    if (kind === '+') return this.#cut(next, line);
    if (kind === '-') return this.#cut(next, { error: line });
    if (kind === ':') return this.#cut(next, Number(line));
    if (kind === '$') return this.#takeBulk(Number(line), next);
    throw new Error('This is not the answer of a Redis server.');
  }

  #takeBulk(length: number, start: number): Reply | undefined {
    if (length < 0) return this.#cut(start, null);
    const end = start + length;
    if (this.#bytes.length < end + CRLF.length) return undefined;
    return this.#cut(end + CRLF.length, this.#bytes.toString('utf8', start, end));
  }

  #cut(end: number, reply: Reply): Reply {
    this.#bytes = this.#bytes.subarray(end);
    return reply;
  }
}
