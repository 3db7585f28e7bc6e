import type { Socket } from 'node:net';
import { MongoError } from '../semantics/errors.ts';
import { newClient, type Client } from './client.ts';
import { Frames, ProtocolError } from './frames.ts';
import {
  HELLO_WITHIN_MS,
  MAX_BYTES_BEFORE_LOGIN,
  MAX_MESSAGE_BYTES,
  MAX_WAITING_BYTES,
  MAX_WAITING_MESSAGES,
  WHOLE_MESSAGE_WITHIN_MS,
} from './limits.ts';
import { answerHead, isLegacy, parseMessage, requestIdOf, wantsNoAnswer, type Request } from './wire.ts';

/** What answers: the encoded document of the reply. */
export interface Service {
  readonly answer: (request: Request, client: Client) => Promise<Buffer>;
  /** The reply to a message whose documents are malformed. */
  readonly refuse: (error: MongoError) => Buffer;
}

/** Below this joining head and body is cheaper than two writes. */
const JOIN_BELOW_BYTES = 16 * 1024;

/** A peer that vanished without a word is noticed within minutes. */
const KEEP_ALIVE_MS = 60_000;

/**
 * One client: its messages are answered in order, one at a time. What it does not read is not produced: the next
 * message waits until the last answer is out, and the socket is no longer read while too much waits.
 */
export class Connection {
  readonly client: Client;
  private readonly socket: Socket;
  private readonly service: Service;
  private readonly frames = new Frames();
  private readonly waiting: Buffer[] = [];
  private waitingBytes = 0;
  private running: Promise<void> | undefined;
  private drained: (() => void) | undefined;
  private readonly since = Date.now();
  private partialSince = 0;

  constructor(id: number, socket: Socket, service: Service) {
    this.client = newClient(id);
    this.socket = socket;
    this.service = service;
    socket.setNoDelay(true);
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    socket.on('data', (chunk: Buffer) => this.receive(chunk));
    socket.on('drain', () => this.drained?.());
    socket.on('close', () => this.drained?.());
    // A reset connection is the client's business; `close` follows.
    socket.on('error', () => socket.destroy());
  }

  /** Ends who neither says hello nor logs in, and who leaves a message half sent. */
  checkPatience(now: number): void {
    const isStranger = !this.client.greeted && !this.client.loggedIn;
    const silent = isStranger && now - this.since > HELLO_WITHIN_MS;
    const half = this.partialSince > 0 && now - this.partialSince > WHOLE_MESSAGE_WITHIN_MS;
    if (silent || (half && !this.socket.isPaused())) this.socket.destroy();
  }

  /** Lets the running operation end and all answers leave (those to what waits are refusals by then), then hangs up. */
  async stop(): Promise<void> {
    await this.running;
    this.socket.end();
  }

  destroy(): void {
    this.socket.destroy();
  }

  private receive(chunk: Buffer): void {
    this.frames.push(chunk);
    this.collect();
    if (!this.running && this.waiting.length > 0) this.running = this.work();
  }

  private get full(): boolean {
    return this.waitingBytes >= MAX_WAITING_BYTES || this.waiting.length >= MAX_WAITING_MESSAGES;
  }

  private collect(): void {
    try {
      while (!this.full) {
        const frame = this.frames.next(this.client.loggedIn ? MAX_MESSAGE_BYTES : MAX_BYTES_BEFORE_LOGIN);
        if (!frame) break;
        this.waiting.push(frame);
        this.waitingBytes += frame.length;
        this.partialSince = 0;
      }
    } catch (error) {
      this.fail(error);
    }
    if (!this.frames.partial) this.partialSince = 0;
    else if (this.partialSince === 0) this.partialSince = Date.now();
    if (this.full) this.socket.pause();
    else if (this.socket.isPaused()) this.resume();
  }

  private resume(): void {
    if (this.partialSince > 0) this.partialSince = Date.now();
    this.socket.resume();
  }

  private async work(): Promise<void> {
    try {
      while (!this.socket.destroyed) {
        const frame = this.waiting.shift();
        if (!frame) break;
        this.waitingBytes -= frame.length;
        // Now there is room again; what was set aside in the frames comes in while this one runs.
        this.collect();
        await this.serve(frame);
      }
    } catch (error) {
      this.fail(error);
    } finally {
      this.running = undefined;
    }
  }

  private async serve(frame: Buffer): Promise<void> {
    const answer = await this.answerTo(frame);
    if (!wantsNoAnswer(frame)) await this.send(answerHead(answer.length, requestIdOf(frame), isLegacy(frame)), answer);
  }

  private answerTo(frame: Buffer): Promise<Buffer> | Buffer {
    let request: Request;
    try {
      request = parseMessage(frame);
    } catch (error) {
      if (error instanceof MongoError) return this.service.refuse(error);
      throw error;
    }
    return this.service.answer(request, this.client);
  }

  private async send(head: Buffer, body: Buffer): Promise<void> {
    const { socket } = this;
    if (!socket.writable) return;
    if (body.length < JOIN_BELOW_BYTES) socket.write(Buffer.concat([head, body]));
    else {
      socket.cork();
      socket.write(head);
      socket.write(body);
      socket.uncork();
    }
    if (!socket.writableNeedDrain) return;
    await new Promise<void>((resolve) => {
      this.drained = resolve;
    });
    this.drained = undefined;
  }

  /** The stream cannot be trusted any more. Everything that is not the protocol's fault is ours, and is said aloud. */
  private fail(error: unknown): void {
    this.socket.destroy();
    if (error instanceof ProtocolError) return;
    process.stderr.write(`${JSON.stringify({ level: 'error', message: 'connection failed', error: String(error) })}\n`);
  }
}
