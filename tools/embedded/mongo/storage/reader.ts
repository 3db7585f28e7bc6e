import { Worker, type ResourceLimits } from 'node:worker_threads';
import { MongoError } from '../semantics/index.ts';
import type { Request } from './jobs.ts';
import { packRequest, type Answer, type Order } from './reader-messages.ts';
import type { Batch, BatchLimits, Rows, ScanReport } from './types.ts';

/** Small generations keep the process small; a sort may hold its limit of 100 MB, which takes several times that. */
const THREAD_MEMORY = { maxYoungGenerationSizeMb: 16, maxOldGenerationSizeMb: 768 };

/** An idle thread keeps the memory of its last sort: it is cheaper to start another, which takes about 50 ms. */
const IDLE_MS = 10_000;

interface Waiting {
  readonly resolve: (batch: Batch) => void;
  readonly reject: (error: unknown) => void;
}

const stopping = (): MongoError => new MongoError(11600, 'the store was closed');
/** Not a code that makes drivers ask again, or take the server for dead. */
const tooLarge = (): MongoError => new MongoError(292, 'the query exceeded the memory limit of the reader thread');
const lost = (): MongoError => new MongoError(237, 'the cursor ended with the reader thread');

const ranOutOfMemory = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';

/** The reader thread as seen from outside: started at the first long query, and again should it die. */
export class Reader {
  private readonly file: string;
  private readonly reported: (report: ScanReport) => void;
  private readonly memory: ResourceLimits;
  private readonly waiting = new Map<number, Waiting>();
  private readonly failed = new Map<number, MongoError>();
  private worker: Worker | undefined;
  private lastId = 0;
  private readonly reading = new Set<number>();
  private idle: NodeJS.Timeout | undefined;

  constructor(file: string, reported: (report: ScanReport) => void, memory: ResourceLimits = THREAD_MEMORY) {
    this.file = file;
    this.reported = reported;
    this.memory = memory;
  }

  open(request: Request): Rows {
    const worker = this.started();
    this.lastId += 1;
    const id = this.lastId;
    this.reading.add(id);
    this.send(worker, { kind: 'open', id, request: packRequest(request) });
    return {
      next: (limits) => this.next(worker, id, limits),
      close: () => {
        this.failed.delete(id);
        this.ended(id);
        if (worker === this.worker) this.send(worker, { kind: 'close', id });
      },
    };
  }

  private ended(id: number): void {
    this.reading.delete(id);
    if (this.reading.size > 0 || !this.worker) return;
    clearTimeout(this.idle);
    this.idle = setTimeout(() => void this.close(), IDLE_MS);
    this.idle.unref();
  }

  private started(): Worker {
    clearTimeout(this.idle);
    if (this.worker) return this.worker;
    const worker = new Worker(new URL('./reader-thread.ts', import.meta.url), {
      workerData: this.file,
      resourceLimits: this.memory,
    });
    worker.unref();
    worker.on('message', (answer: Answer) => this.receive(answer));
    let failure = lost;
    // An error is followed by the exit.
    worker.on('error', (error: unknown) => {
      if (ranOutOfMemory(error)) failure = tooLarge;
    });
    worker.on('exit', () => this.exited(worker, failure));
    this.worker = worker;
    return worker;
  }

  private send(worker: Worker, order: Order): void {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port, not a window
    worker.postMessage(order);
  }

  private next(worker: Worker, id: number, limits: BatchLimits): Promise<Batch> {
    const failure = this.failed.get(id) ?? (worker === this.worker ? undefined : lost());
    if (failure) return Promise.reject(failure);
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.send(worker, { kind: 'next', id, limits });
    });
  }

  private receive({ id, documents, done, failure, report }: Answer): void {
    if (report) this.reported(report);
    if (done) this.ended(id);
    const waiting = this.waiting.get(id);
    this.waiting.delete(id);
    const error = failure && new MongoError(failure.code, failure.message);
    if (!waiting) {
      if (error) this.failed.set(id, error);
      return;
    }
    if (error) waiting.reject(error);
    else
      waiting.resolve({
        documents: documents.map(({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength)),
        done,
      });
  }

  private exited(worker: Worker, failure: () => MongoError): void {
    if (this.worker !== worker) return;
    this.worker = undefined;
    this.abandon(failure);
  }

  private abandon(failure: () => MongoError): void {
    for (const { reject } of this.waiting.values()) reject(failure());
    this.waiting.clear();
    this.failed.clear();
    this.reading.clear();
  }

  async close(): Promise<void> {
    clearTimeout(this.idle);
    const { worker } = this;
    this.worker = undefined;
    this.abandon(stopping);
    await worker?.terminate();
  }
}
