import { encodeEvent, encodeHeartbeat, encodeRetry, type StreamEvent } from '@flowmate/realtime';
import type { HttpReply } from '../http/http.types.js';

/** Who is so far behind, and still is a moment later, does not read: what comes in one burst nobody takes at once. */
const MAX_BUFFERED_BYTES = 262_144;
const MOMENT_MS = 100;
/** No burst is as large. */
const MOST_BUFFERED_BYTES = 8_388_608;
/** More is only handed over when this has left. */
const ENOUGH_BUFFERED_BYTES = 65_536;
/** As much as goes to the system in one call. */
const GATHERED_BYTES = 16_384;
/** A reader that takes nothing for so long has stopped. */
const STALLED_MS = 15_000;
/** Nobody should keep it, change it, or hold it back until it is whole. */
const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store, no-transform',
  'x-accel-buffering': 'no',
} as const;

/** The answer to one reader: it begins, goes on for hours, and never fills the memory. */
export class StreamConnection {
  private readonly raw: HttpReply['raw'];
  private judging: NodeJS.Timeout | undefined;

  constructor(reply: HttpReply, onClosed: () => void) {
    reply.hijack();
    this.raw = reply.raw;
    this.raw.once('close', onClosed);
    // Who left while he was let in: nothing tells of it any more.
    if (this.raw.closed) queueMicrotask(onClosed);
    if (this.isClosed) return;
    // Silence is the heartbeat's business from here on.
    this.raw.socket?.setTimeout(0);
    for (const [name, value] of Object.entries({ ...reply.getHeaders(), ...HEADERS }))
      if (value !== undefined) this.raw.setHeader(name, value);
    this.raw.writeHead(200);
    this.gather('');
  }

  get isClosed(): boolean {
    return this.raw.destroyed || this.raw.writableEnded;
  }

  /** What happens just now. A reader that stays too far behind is cut off: it comes back and goes on where it was. */
  send(event: StreamEvent): void {
    this.write(encodeEvent(event));
  }

  /** What is read from the store: as fast as the reader takes it. */
  async hand(event: StreamEvent): Promise<void> {
    if (this.isClosed) return;
    this.gather(encodeEvent(event));
    if (this.raw.writableLength > ENOUGH_BUFFERED_BYTES) await this.drained();
  }

  beat(): void {
    this.write(encodeHeartbeat());
  }

  retryAfter(ms: number): void {
    this.write(encodeRetry(ms));
  }

  /** What is not taken by then never is: nobody would ever close the connection of a reader who has stopped. */
  end(): void {
    if (this.isClosed) return;
    const stalled = setTimeout(() => this.raw.destroy(), STALLED_MS);
    this.raw.once('close', () => clearTimeout(stalled));
    this.raw.end();
  }

  private write(text: string): void {
    if (this.isClosed) return;
    this.gather(text);
    if (this.raw.writableLength > MOST_BUFFERED_BYTES) this.raw.destroy();
    else if (this.raw.writableLength > MAX_BUFFERED_BYTES) this.judging ??= setTimeout(() => this.judge(), MOMENT_MS);
  }

  private judge(): void {
    this.judging = undefined;
    if (this.raw.writableLength > MAX_BUFFERED_BYTES) this.raw.destroy();
  }

  /** What one turn of the event loop says leaves in one piece: a call of the system costs more than an event. */
  private gather(text: string): void {
    // Not of the answer but below it: Node would write the end of an answer before what is held back of it.
    const { socket } = this.raw;
    if (socket && socket.writableCorked === 0) {
      socket.cork();
      setImmediate(() => socket.uncork());
    }
    if (text === '') this.raw.flushHeaders();
    else this.raw.write(text);
    // What waits here is not what the reader did not take.
    if (this.raw.writableLength > GATHERED_BYTES) socket?.uncork();
  }

  private drained(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const stalled = setTimeout(() => this.raw.destroy(), STALLED_MS);
    const done = (): void => {
      clearTimeout(stalled);
      this.raw.off('drain', done).off('close', done);
      resolve();
    };
    this.raw.on('drain', done).on('close', done);
    return promise;
  }
}
