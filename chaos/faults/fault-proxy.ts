import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * What a link does to those who use it. `blackhole`: accepts and swallows, both ways. `halfOpen`: questions arrive,
 * answers do not. `executeAndCut`: a question arrives, and instead of its answer the connection ends. `limitData`: ends
 * after so many bytes of answers. `slicer`: answers come in pieces of so many bytes. `slowClose`: a connection that
 * ended is heard of only later.
 */
export type Toxic =
  | { readonly kind: 'none' }
  | { readonly kind: 'latency'; readonly ms: number; readonly jitterMs: number }
  | { readonly kind: 'blackhole' }
  | { readonly kind: 'halfOpen' }
  | { readonly kind: 'reset' }
  | { readonly kind: 'down' }
  | { readonly kind: 'executeAndCut'; readonly rate: number }
  | { readonly kind: 'limitData'; readonly bytes: number }
  | { readonly kind: 'slicer'; readonly bytes: number }
  | { readonly kind: 'slowClose'; readonly ms: number };

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
  answered: number;
  /** What comes later must not overtake. */
  queue: Promise<void>;
  waiting: number;
}

export interface FaultProxyOptions {
  readonly name: string;
  readonly port: number;
  /** Where it listens, if others than this machine's processes are to find it. */
  readonly host?: string;
  readonly random: () => number;
  readonly tell: (line: string) => void;
}

/** One link between two processes: hands bytes on, until it is told to do otherwise. Both ends speak in turns. */
export class FaultProxy {
  private toxic: Toxic = { kind: 'none' };
  private readonly pairs = new Set<Pair>();
  private readonly server = createServer((client) => this.join(client));
  /** Connections that were ended instead of answered. */
  cuts = 0;
  /** Connections that were not taken. */
  refused = 0;

  private constructor(private readonly options: FaultProxyOptions) {}

  static async start(options: FaultProxyOptions): Promise<FaultProxy> {
    const proxy = new FaultProxy(options);
    proxy.server.listen(0, proxy.host);
    await once(proxy.server, 'listening');
    return proxy;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  private get host(): string {
    return this.options.host ?? '127.0.0.1';
  }

  /** The address of what is behind it, through it. */
  through(address: string): string {
    const url = new URL(address);
    url.hostname = this.host;
    url.port = `${this.port}`;
    return url.href;
  }

  set(toxic: Toxic): void {
    this.toxic = toxic;
    this.options.tell(`${this.options.name}: ${JSON.stringify(toxic)}`);
    if (toxic.kind === 'down') this.endAll((socket) => socket.destroy());
    if (toxic.kind === 'reset') this.endAll((socket) => socket.resetAndDestroy());
  }

  close(): void {
    this.endAll((socket) => socket.destroy());
    this.server.close();
  }

  private endAll(end: (socket: Socket) => void): void {
    for (const { client, server } of this.pairs) for (const socket of [client, server]) end(socket);
  }

  private join(client: Socket): void {
    const { kind } = this.toxic;
    if (kind === 'down' || kind === 'reset') {
      this.refused += 1;
      client.on('error', () => undefined);
      return void (kind === 'down' ? client.destroy() : client.resetAndDestroy());
    }
    const server = connect(this.options.port, '127.0.0.1');
    const pair: Pair = { client, server, answered: 0, queue: Promise.resolve(), waiting: 0 };
    this.pairs.add(pair);
    client.setNoDelay();
    server.setNoDelay();
    client.on('data', (bytes) => this.toxic.kind === 'blackhole' || server.write(bytes));
    server.on('data', (bytes) => this.answer(pair, bytes));
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      from.on('error', () => from.destroy());
      from.on('close', () => void this.closed(pair, to));
    }
  }

  private async closed(pair: Pair, other: Socket): Promise<void> {
    this.pairs.delete(pair);
    const { toxic } = this;
    // Who goes while nothing gets through is not heard of on the other side.
    if (toxic.kind === 'blackhole' || toxic.kind === 'halfOpen') return;
    if (toxic.kind === 'slowClose') await delay(toxic.ms, undefined, { ref: false });
    other.destroy();
  }

  private answer(pair: Pair, bytes: Buffer): void {
    const { toxic } = this;
    pair.answered += bytes.length;
    switch (toxic.kind) {
      case 'none':
      case 'down':
      case 'reset':
      case 'slowClose':
        return pair.waiting > 0 ? this.later(pair, bytes, 0) : void pair.client.write(bytes);
      case 'blackhole':
      case 'halfOpen':
        return undefined;
      case 'executeAndCut':
        if (this.options.random() >= toxic.rate) return void pair.client.write(bytes);
        this.cuts += 1;
        return void pair.client.destroy();
      case 'limitData':
        pair.client.write(bytes.subarray(0, Math.max(0, toxic.bytes - (pair.answered - bytes.length))));
        return pair.answered > toxic.bytes ? void pair.client.destroy() : undefined;
      case 'latency':
        return this.later(pair, bytes, toxic.ms + (2 * this.options.random() - 1) * toxic.jitterMs);
      case 'slicer':
        for (let at = 0; at < bytes.length; at += toxic.bytes)
          this.later(pair, bytes.subarray(at, at + toxic.bytes), 1);
        return undefined;
    }
  }

  private later(pair: Pair, bytes: Buffer, ms: number): void {
    pair.waiting += 1;
    pair.queue = handOn(pair.queue, performance.now() + ms, () => {
      pair.waiting -= 1;
      pair.client.write(bytes);
    });
  }
}

async function handOn(before: Promise<void>, due: number, write: () => void): Promise<void> {
  await before;
  const left = due - performance.now();
  if (left > 0) await delay(left, undefined, { ref: false });
  write();
}
