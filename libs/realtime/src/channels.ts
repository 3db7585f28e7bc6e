import type { Redis, RedisClient } from '@flowmate/redis';

type Hear = (message: string) => void;

export interface Subscription {
  /** Resolves when messages arrive, or when Redis lets that wait; never rejects. */
  readonly ready: Promise<void>;
  stop(): void;
}

interface Channel {
  readonly hearers: Set<Hear>;
  ready: Promise<void>;
  leaving?: NodeJS.Timeout;
}

/** Whoever waits to hear first looks by himself after that; in production a subscription takes a millisecond. */
const READY_MS = 500;
/** Most runs end within seconds of each other: the channel of a workspace is kept for the next one to watch. */
const LINGER_MS = 10_000;
/** A listener says nothing by itself, so a connection that leads nowhere would go unnoticed. */
const HEARTBEAT_MS = 5_000;

/** The one connection of a process that listens. It is opened when somebody wants to hear something. */
export class Channels {
  private client: RedisClient | undefined;
  private heartbeat: NodeJS.Timeout | undefined;
  private isClosed = false;
  private readonly channels = new Map<string, Channel>();
  private readonly missed = new Set<() => void>();

  constructor(readonly redis: Redis) {}

  /** Called whenever messages may have been lost. Answers how to be called no more. */
  onMissed(tell: () => void): () => void {
    this.missed.add(tell);
    return () => void this.missed.delete(tell);
  }

  subscribe(name: string, hear: Hear): Subscription {
    let channel = this.channels.get(name);
    if (!channel) {
      channel = { hearers: new Set(), ready: this.join(name) };
      this.channels.set(name, channel);
    }
    clearTimeout(channel.leaving);
    channel.hearers.add(hear);
    return { ready: channel.ready, stop: () => this.leave(name, hear) };
  }

  close(): void {
    this.isClosed = true;
    clearInterval(this.heartbeat);
    for (const { leaving } of this.channels.values()) clearTimeout(leaving);
    this.channels.clear();
    this.client?.cut();
    this.client = undefined;
  }

  private async join(name: string): Promise<void> {
    const client = this.connection();
    if (!client) return;
    const patience = Promise.withResolvers<void>();
    const timer = setTimeout(patience.resolve, READY_MS);
    // Its connection waits for Redis, and takes up all channels again by itself.
    await Promise.race([client.subscribe(name).catch(() => undefined), patience.promise]);
    clearTimeout(timer);
  }

  private leave(name: string, hear: Hear): void {
    const channel = this.channels.get(name);
    if (!channel?.hearers.delete(hear) || channel.hearers.size > 0) return;
    channel.leaving = setTimeout(() => {
      this.channels.delete(name);
      void this.client?.unsubscribe(name).catch(() => undefined);
    }, LINGER_MS);
    channel.leaving.unref();
  }

  /** Without an address of Redis there is none, and everybody looks by himself. */
  private connection(): RedisClient | undefined {
    if (this.client || this.isClosed || this.redis.state === 'absent' || this.redis.state === 'closed')
      return this.client;
    const client = this.redis.open();
    let isAgain = false;
    client.on('message', (name: string, message: string) => this.hear(name, message));
    client.on('ready', () => {
      if (isAgain) for (const tell of this.missed) tell();
      isAgain = true;
    });
    this.heartbeat = setInterval(() => {
      if (client.status === 'ready') void client.ping().catch(() => undefined);
    }, HEARTBEAT_MS).unref();
    this.client = client;
    return client;
  }

  private hear(name: string, message: string): void {
    for (const hear of this.channels.get(name)?.hearers ?? []) hear(message);
  }
}
