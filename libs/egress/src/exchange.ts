import { type Dispatcher, errors } from 'undici';
import { DomainError } from '@flowmate/domain';
import {
  EgressAbortedError,
  EgressInterruptedError,
  EgressTimeoutError,
  EgressUnreachableError,
  type ExchangeState,
  ResponseTooLargeError,
} from './egress.errors.js';
import type { CallLimits } from './limits.js';

/** The answer's head, and its body as it comes in. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: ReadableStream<Uint8Array>;
}

/** How an exchange ended: with `error`, or well. */
export type ExchangeEnd = (status: number | undefined, error: DomainError | undefined) => void;

/** The reader's buffer; beyond it the socket is not read. undici's own default. */
const READ_AHEAD_BYTES = 64 * 1_024;

/** Header bytes are Latin-1 by RFC 9110; undici's own decoding as UTF-8 can make values `Headers` refuses. */
function readHeaders(raw: Dispatcher.DispatchController['rawHeaders']): Headers {
  const headers = new Headers();
  if (!Array.isArray(raw)) return headers;
  const texts = raw.map((part) => (typeof part === 'string' ? part : part.toString('latin1')));
  for (let at = 0; at + 1 < texts.length; at += 2) headers.append(texts[at] ?? '', texts[at + 1] ?? '');
  return headers;
}

/**
 * One request and its answer. Keeps the deadline, counts the bytes, knows whether anything was sent, and
 * ends exactly once; ending it any way but well closes the socket.
 */
export class Exchange implements Dispatcher.DispatchHandler {
  private readonly head = Promise.withResolvers<Answer>();
  private readonly deadline: NodeJS.Timeout;
  private readonly onAbort = (): void => this.fail(new EgressAbortedError(this.state, this.signal?.reason));
  private controller: Dispatcher.DispatchController | undefined;
  private reader: ReadableStreamDefaultController<Uint8Array> | undefined;
  private status: number | undefined;
  private receivedBytes = 0;
  private failure: DomainError | undefined;
  private hasEnded = false;

  constructor(
    private readonly limits: CallLimits,
    private readonly signal: AbortSignal | undefined,
    private readonly onEnd: ExchangeEnd,
  ) {
    this.deadline = setTimeout(() => this.fail(new EgressTimeoutError('total', this.state)), limits.totalMs);
    if (signal?.aborted) this.onAbort();
    else signal?.addEventListener('abort', this.onAbort, { once: true });
  }

  get answer(): Promise<Answer> {
    return this.head.promise;
  }

  /** A connection is ours and the next thing undici does is write. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.failure) controller.abort(this.failure);
    else this.controller = controller;
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number): void {
    if (status < 200) return;
    const headers = readHeaders(controller.rawHeaders);
    this.status = status;
    const body = new ReadableStream<Uint8Array>(
      {
        start: (reader) => void (this.reader = reader),
        pull: () => controller.resume(),
        cancel: () => this.discard(),
      },
      new ByteLengthQueuingStrategy({ highWaterMark: READ_AHEAD_BYTES }),
    );
    this.head.resolve({ status, headers, body });
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.hasEnded) return;
    this.receivedBytes += chunk.length;
    if (this.receivedBytes > this.limits.maxResponseBytes) {
      this.fail(new ResponseTooLargeError(this.state));
      return;
    }
    this.reader?.enqueue(chunk);
    if ((this.reader?.desiredSize ?? 0) <= 0) controller.pause();
  }

  onResponseEnd(): void {
    if (!this.end(undefined)) return;
    this.reader?.close();
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    this.fail(this.translate(error));
  }

  private get state(): ExchangeState {
    return { sent: this.controller !== undefined, status: this.status };
  }

  private fail(error: DomainError): void {
    if (!this.end(error)) return;
    this.head.reject(error);
    this.reader?.error(error);
    this.controller?.abort(error);
  }

  /** The reader has seen enough. That is an ordinary end, but the socket cannot be used again. */
  private discard(): void {
    if (!this.end(undefined)) return;
    this.controller?.abort(new errors.RequestAbortedError());
  }

  private end(error: DomainError | undefined): boolean {
    if (this.hasEnded) return false;
    this.hasEnded = true;
    this.failure = error;
    clearTimeout(this.deadline);
    this.signal?.removeEventListener('abort', this.onAbort);
    this.onEnd(this.status, error);
    return true;
  }

  private translate(error: Error): DomainError {
    if (error instanceof DomainError) return error;
    if (error instanceof errors.HeadersTimeoutError) return new EgressTimeoutError('headers', this.state, error);
    if (error instanceof errors.BodyTimeoutError) return new EgressTimeoutError('body', this.state, error);
    if (error instanceof errors.HeadersOverflowError) return new ResponseTooLargeError(this.state, error);
    return this.state.sent ? new EgressInterruptedError(this.state, error) : new EgressUnreachableError(error);
  }
}
