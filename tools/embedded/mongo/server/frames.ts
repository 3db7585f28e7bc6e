const HEADER_BYTES = 16;

/** What cannot be answered, because it is not the protocol: the connection is closed. */
export class ProtocolError extends Error {}

/** Cuts the stream into messages. Nothing is reserved for what a length only promises. */
export class Frames {
  private chunks: Buffer[] = [];
  private size = 0;

  get partial(): boolean {
    return this.size > 0;
  }

  push(chunk: Buffer): void {
    this.chunks.push(chunk);
    this.size += chunk.length;
  }

  /** The next whole message, if there is one. */
  next(maxBytes: number): Buffer | undefined {
    if (this.size < 4) return undefined;
    const length = this.start(4).readInt32LE(0);
    if (length < HEADER_BYTES || length > maxBytes) throw new ProtocolError(`a message of ${length} bytes`);
    if (this.size < length) return undefined;
    const whole = this.start(length);
    const frame = whole.subarray(0, length);
    this.size -= length;
    this.chunks[0] = whole.subarray(length);
    if (this.chunks[0].length === 0) this.chunks.shift();
    return frame;
  }

  /** The first chunk, made at least so long. A chunk is only joined when the message in it is whole. */
  private start(bytes: number): Buffer {
    const [first] = this.chunks;
    if (first && first.length >= bytes) return first;
    const joined = Buffer.concat(this.chunks);
    this.chunks = [joined];
    return joined;
  }
}
