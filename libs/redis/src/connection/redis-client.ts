import { Redis as IORedis, type Command, type RedisOptions as AnyOptions } from 'ioredis';
import type { CommandMetrics } from './command-metrics.js';
import { RedisUnavailableError } from './redis.errors.js';

type Stream = Parameters<IORedis['sendCommand']>[1];

/** Replies keep the shapes that BullMQ knows. */
export type RedisOptions = AnyOptions & { readonly replyMapping?: 'legacy' };

export interface RedisClientParts {
  readonly options: RedisOptions;
  /** Options of copies: BullMQ makes one for each consumer that waits for work. */
  readonly optionsOfCopies?: RedisOptions;
  readonly metrics?: CommandMetrics | undefined;
  /** Hears of each connection that is opened, so that all can be closed. */
  readonly onOpen: (client: RedisClient) => void;
}

/** At some hundred bytes each, so many commands that wait for an answer take a few megabytes. */
const MAX_WAITING = 10_000;

/** One connection: the client of ioredis that counts its commands, holds a bounded number and can be cut. */
export class RedisClient extends IORedis {
  private readonly seen = new WeakSet<Command>();
  private waiting = 0;

  constructor(private readonly parts: RedisClientParts) {
    super(parts.options);
    parts.onOpen(this);
  }

  override sendCommand(command: Command, stream?: Stream): unknown {
    // A command passes here again when it waited for the connection.
    if (this.seen.has(command)) return super.sendCommand(command, stream);
    this.seen.add(command);
    if (this.waiting >= MAX_WAITING && this.status === 'ready') {
      command.reject(new RedisUnavailableError(false, 'too many commands wait for it'));
      return command.promise;
    }
    this.follow(command);
    this.gather();
    return super.sendCommand(command, stream);
  }

  // BullMQ only adds a name. The original's type follows the shapes of replies, which stay the same here.
  override duplicate = ((override?: RedisOptions) => {
    const options = { ...(this.parts.optionsOfCopies ?? this.parts.options), ...override };
    return new RedisClient({ ...this.parts, options });
  }) as unknown as IORedis['duplicate'];

  /** Drops the connection without waiting for the other side, which may be gone; another one is made. */
  replace(): void {
    this.stream?.destroy();
  }

  /** The end, at once. What still waits for an answer fails. */
  cut(): void {
    this.disconnect();
    this.stream?.destroy();
  }

  /** What one turn of the event loop sends leaves in one piece: a call of the system costs more than the command. */
  private gather(): void {
    const { stream } = this;
    if (this.status !== 'ready' || stream.writableCorked > 0) return;
    stream.cork();
    setImmediate(() => stream.uncork());
  }

  private follow(command: Command): void {
    const started = performance.now();
    this.waiting += 1;
    const finished = (outcome: 'ok' | 'failed'): void => {
      this.waiting -= 1;
      this.parts.metrics?.finished(command.name, outcome, performance.now() - started);
    };
    command.promise.then(
      () => finished('ok'),
      () => finished('failed'),
    );
  }
}
