import type { Socket } from 'node:net';

/** The other end of a connection, as the engine's socket calls see it: never blocking, always bounded. */
export interface Peer {
  readonly isReadable: boolean;
  readonly isWritable: boolean;
  /** Bytes copied to `target`; 0 at the end of the stream, -1 when there is nothing yet. */
  read(target: Uint8Array): number;
  /** Bytes taken, 0 when the peer must be waited for, -1 when it is gone. */
  write(bytes: Uint8Array): number;
  close(): void;
}

/** What has arrived and the engine has not read. It reads at once, so this fills only during long commands. */
const INPUT_HIGH_BYTES = 1024 * 1024;
const INPUT_LOW_BYTES = INPUT_HIGH_BYTES / 2;
/**
 * What the peer has not taken off us. Beyond it the engine keeps replies itself, where its own
 * `client-output-buffer-limit` closes whoever never reads.
 */
const OUTPUT_HIGH_BYTES = 256 * 1024;
/** A closed connection may still deliver its last reply; one that does not read it in time is cut. */
const LINGER_MS = 2_000;

/** A queue of chunks that is read in pieces of any size. */
export class ByteQueue {
  #chunks: Uint8Array[] = [];
  #offset = 0;
  length = 0;

  push(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.length += chunk.length;
  }

  read(target: Uint8Array): number {
    let done = 0;
    let used = 0;
    while (done < target.length && used < this.#chunks.length) {
      const chunk = this.#chunks[used] as Uint8Array; // within bounds by the loop's condition
      const piece = chunk.subarray(this.#offset, this.#offset + target.length - done);
      target.set(piece, done);
      done += piece.length;
      this.#offset += piece.length;
      if (this.#offset < chunk.length) break;
      used += 1;
      this.#offset = 0;
    }
    if (used > 0) this.#chunks.splice(0, used);
    this.length -= done;
    return done;
  }
}

export class TcpPeer implements Peer {
  #socket: Socket;
  #input = new ByteQueue();
  #hasEnded = false;
  #isGone = false;

  /** `onChange` is called whenever the engine may have something to do. */
  constructor(socket: Socket, onChange: () => void) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => {
      this.#input.push(chunk);
      if (this.#input.length > INPUT_HIGH_BYTES) socket.pause();
      onChange();
    });
    socket.on('end', () => {
      this.#hasEnded = true;
      onChange();
    });
    socket.on('error', () => undefined); // 'close' follows and says the same
    socket.on('close', () => {
      this.#hasEnded = true;
      this.#isGone = true;
      onChange();
    });
    socket.on('drain', onChange);
  }

  get isReadable(): boolean {
    return this.#input.length > 0 || this.#hasEnded;
  }

  get isWritable(): boolean {
    return this.#isGone || this.#socket.writableLength < OUTPUT_HIGH_BYTES;
  }

  read(target: Uint8Array): number {
    if (this.#input.length === 0) return this.#hasEnded ? 0 : -1;
    const count = this.#input.read(target);
    if (this.#input.length < INPUT_LOW_BYTES && this.#socket.isPaused()) this.#socket.resume();
    return count;
  }

  write(bytes: Uint8Array): number {
    if (this.#isGone) return -1;
    const room = OUTPUT_HIGH_BYTES - this.#socket.writableLength;
    if (room <= 0) return 0;
    // A copy, because the engine reuses its memory as soon as this returns.
    const taken = Buffer.from(bytes.subarray(0, room));
    this.#socket.write(taken);
    return taken.length;
  }

  close(): void {
    this.#socket.removeAllListeners('data').resume();
    this.#socket.end();
    const late = setTimeout(() => this.#socket.destroy(), LINGER_MS);
    this.#socket.once('close', () => clearTimeout(late));
  }
}

/** A connection from inside this process: how the bridge itself gives the engine commands. */
export class InternalPeer implements Peer {
  #input = new ByteQueue();
  #onBytes: (bytes: Buffer) => void;
  #hasEnded = false;

  constructor(input: Uint8Array, onBytes: (bytes: Buffer) => void) {
    this.#input.push(input);
    this.#onBytes = onBytes;
  }

  get isReadable(): boolean {
    return this.#input.length > 0 || this.#hasEnded;
  }

  get isWritable(): boolean {
    return true;
  }

  hangUp(): void {
    this.#hasEnded = true;
  }

  read(target: Uint8Array): number {
    if (this.#input.length === 0) return this.#hasEnded ? 0 : -1;
    return this.#input.read(target);
  }

  write(bytes: Uint8Array): number {
    this.#onBytes(Buffer.from(bytes));
    return bytes.length;
  }

  close(): void {
    this.#hasEnded = true;
  }
}
