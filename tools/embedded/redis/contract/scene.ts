import { randomUUID } from 'node:crypto';
import { Queue, QueueEvents, Worker, type Processor, type QueueOptions, type WorkerOptions } from 'bullmq';
import { Redis } from 'ioredis';
import { startStores, type Stores } from '../../supervisor/start-stores.ts';

/** One promise of the contract: the sentence is the test's name, the function fails when it is broken. */
export type Contract = Record<string, (scene: Scene) => Promise<void>>;

export type ServerKind = 'embedded' | 'installed';

const RETRY_MS = 20;

interface Closable {
  close(): Promise<unknown>;
}

/** A running server with everything a check opens on it; closes it all again. */
export class Scene {
  readonly kind: ServerKind;
  readonly folder: string;
  #stores: Stores | undefined;
  #opened: Closable[] = [];

  constructor(kind: ServerKind, folder: string) {
    this.kind = kind;
    this.folder = folder;
  }

  async start(): Promise<void> {
    this.#stores = await startStores({ folder: this.folder, mongo: false, redis: this.kind });
  }

  async stop(): Promise<void> {
    await this.#stores?.stop();
    this.#stores = undefined;
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  get url(): string {
    const url = this.#stores?.redisUrl;
    if (!url) throw new Error('The server has not been started.');
    return url;
  }

  get process(): { pid: number; name: string } {
    const [running] = this.#stores?.running() ?? [];
    if (!running?.pid) throw new Error('The server does not run.');
    return { pid: running.pid, name: running.name };
  }

  /** What BullMQ connects with. */
  get connection(): { url: string; maxRetriesPerRequest: null } {
    return { url: this.url, maxRetriesPerRequest: null };
  }

  redis(): Redis {
    // Impatient, so that what is measured is the server: by default a client waits seconds for one that loads.
    const patience = { retryStrategy: () => RETRY_MS, maxLoadingRetryTime: RETRY_MS };
    const redis = new Redis(this.url, { maxRetriesPerRequest: null, ...patience });
    redis.on('error', () => undefined); // a check that ends the server reads of it in its own way
    this.#opened.push({ close: async () => redis.disconnect() });
    return redis;
  }

  queue(name: string = randomUUID(), options: Partial<QueueOptions> = {}): Queue {
    return this.#open(new Queue(name, { connection: this.connection, ...options }));
  }

  worker(queue: Queue, process: Processor, options: Partial<WorkerOptions> = {}): Worker {
    return this.#open(new Worker(queue.name, process, { connection: this.connection, ...options }));
  }

  events(queue: Queue): QueueEvents {
    return this.#open(new QueueEvents(queue.name, { connection: this.connection }));
  }

  async close(): Promise<void> {
    const opened = this.#opened.toReversed();
    this.#opened = [];
    for (const one of opened) await one.close();
  }

  #open<T extends Closable & { on(event: 'error', listener: () => void): unknown }>(one: T): T {
    one.on('error', () => undefined); // as above
    this.#opened.push(one);
    return one;
  }
}
