import { setTimeout as delay } from 'node:timers/promises';
import { ConfigError, type AppEnv, type RedisEnv } from '@flowmate/config';
import type { Logger, Metrics } from '@flowmate/observability';
import { isUnknownScript, type RedisScript } from '../scripts/script.js';
import { clientOptions, COMMAND_MS, type ConnectionProfile } from './client-options.js';
import { CommandMetrics } from './command-metrics.js';
import { isUnknownDatabase, reasonOf } from './connect-failure.js';
import { within, type Deadline } from './deadline.js';
import { isEvicting, readFitness, refusal, unfitness, type Fitness } from './fitness.js';
import { RedisClient } from './redis-client.js';
import { RedisUnavailableError, unavailability } from './redis.errors.js';

/**
 * `absent`: no address is set. `connecting`: never connected so far. `refused`: found, and not fit for production.
 * Only in `connected` is anything asked.
 */
export type RedisState = 'absent' | 'connecting' | 'connected' | 'disconnected' | 'refused' | 'closed';

export interface RedisParts {
  readonly app: AppEnv;
  readonly settings: RedisEnv;
  readonly logger: Logger;
  readonly metrics?: Metrics | undefined;
  /** How often the eviction policy is looked at. */
  readonly fitnessEveryMs?: number;
}

/** A connection that swallows everything is noticed within this and the time of a command. */
const HEARTBEAT_MS = 2_000;
/** Has to be noticed within 30 s, three failed checks of health after it included. */
const FITNESS_MS = 15_000;
/** A connection whose other side hangs is not waited for longer when this process ends. */
const CLOSE_MS = 1_000;

/**
 * The way of a process to Redis: one connection for its commands, and those that queues open. It is made in the
 * background and kept: a Redis that is not there, not yet or not any more, is told once in the log and looked for
 * until `close`.
 */
export class Redis {
  private current: RedisState;
  private client: RedisClient | undefined;
  private known: Fitness = {};
  private told: string | undefined;
  private lostAt = 0;
  private readonly commandMetrics: CommandMetrics | undefined;
  private readonly clients = new Set<RedisClient>();
  private readonly timers: NodeJS.Timeout[] = [];
  private readonly found = Promise.withResolvers<void>();

  constructor(private readonly parts: RedisParts) {
    const { app, settings, metrics } = parts;
    if (!settings.url && app.isProduction) throw refusal('is required in production');
    this.commandMetrics = metrics && new CommandMetrics(metrics);
    metrics?.gauges(
      {
        name: 'flowmate_redis_memory_bytes',
        help: 'Memory of Redis as it last said, at most 15 s ago: what it uses, and its limit where it has one.',
        labels: ['kind'],
      },
      () => this.memory(),
    );
    this.current = settings.url ? 'connecting' : 'absent';
  }

  get state(): RedisState {
    return this.current;
  }

  /** What the Redis last said about itself. */
  get fitness(): Fitness {
    return this.known;
  }

  get isEvicting(): boolean {
    return isEvicting(this.known);
  }

  /**
   * Looks for Redis until it is found. Resolves when it was found for the first time, or on `close`; rejects with a
   * {@link ConfigError} (exit code 78) when it is not fit for production. A process does not wait for it. Everybody who
   * asks has a promise of their own: a consumer that handles the rejection does not handle it for the process.
   */
  async connect(): Promise<void> {
    if (!this.client && this.current === 'connecting') this.begin();
    if (this.current === 'absent') {
      this.parts.logger.warn('no redis: REDIS_URL is not set', { setting: 'REDIS_URL' });
      this.found.resolve();
    }
    await this.found.promise;
  }

  /** The name of a key of ours. */
  key(...parts: readonly string[]): string {
    return [this.parts.settings.keyPrefix, ...parts].join(':');
  }

  /** Nothing while it cannot be asked: an old figure would look like a Redis that stands still. */
  private memory(): Array<[string[], number]> {
    if (this.current !== 'connected') return [];
    const { usedBytes, maxBytes } = this.known;
    const kinds = { used: usedBytes, limit: maxBytes };
    return Object.entries(kinds).flatMap(([kind, bytes]) => (bytes === undefined ? [] : [[[kind], bytes]]));
  }

  /** Throws {@link RedisUnavailableError}. */
  async ping(deadline: Partial<Deadline> = {}): Promise<{ readonly ms: number }> {
    const started = performance.now();
    await this.send('PING', [], deadline);
    return { ms: performance.now() - started };
  }

  /**
   * Fails at once while there is no connection and after two seconds without an answer; answers of Redis that are
   * about the command itself, such as a wrong type, come as they are.
   */
  async send(command: string, args: ReadonlyArray<string | number>, deadline: Partial<Deadline> = {}) {
    if (this.current !== 'connected' || !this.client) throw new RedisUnavailableError(false, 'it is not connected');
    try {
      return await within(this.client.call(command, ...args), { timeoutMs: COMMAND_MS, ...deadline });
    } catch (error) {
      throw unavailability(error) ?? error;
    }
  }

  /** Runs a script, and sends its text again when Redis does not know it (any more): all that before the deadline. */
  async run(
    script: RedisScript,
    keys: readonly string[],
    args: ReadonlyArray<string | number> = [],
    { timeoutMs = COMMAND_MS }: Partial<Deadline> = {},
  ): Promise<unknown> {
    const rest = [keys.length, ...keys, ...args];
    const started = performance.now();
    try {
      return await this.send('EVALSHA', [script.sha, ...rest], { timeoutMs });
    } catch (error) {
      if (!isUnknownScript(error)) throw error;
      const left = Math.max(1, timeoutMs - (performance.now() - started));
      return this.send('EVAL', [script.lua, ...rest], { timeoutMs: left });
    }
  }

  /** The connection of {@link send}, for a producer of jobs. Not to be closed by it. */
  borrow(): RedisClient {
    if (this.current !== 'connected' || !this.client) throw new RedisUnavailableError(false, 'it is not connected');
    return this.client;
  }

  /** One more connection, for a consumer of jobs: its commands wait for Redis. {@link close} closes it. */
  open(): RedisClient {
    if (!this.parts.settings.url || this.current === 'closed')
      throw new RedisUnavailableError(false, 'it is not connected');
    const client = this.make('patient');
    // Its troubles are those of the first connection, which tells of them.
    client.on('error', () => undefined);
    return client;
  }

  /** Ends all connections, and the search for one. What is under way fails. */
  async close(): Promise<void> {
    if (this.current === 'closed') return;
    this.current = 'closed';
    for (const timer of this.timers) clearInterval(timer);
    this.found.resolve();
    const goodbyes = [...this.clients].map((client) =>
      client.status === 'ready' ? client.quit().catch(() => undefined) : undefined,
    );
    await Promise.race([Promise.all(goodbyes), delay(CLOSE_MS, undefined, { ref: false })]);
    for (const client of this.clients) client.cut();
    this.clients.clear();
  }

  private begin(): void {
    try {
      this.client = this.make('fast');
    } catch {
      // Errors of the parser quote the address.
      return this.refuse(refusal('is no address that the Redis client understands'));
    }
    this.client.on('ready', () => void this.accept());
    this.client.on('close', () => this.lost());
    this.client.on('error', (error) => this.troubled(error));
    const every = (ms: number, work: () => Promise<unknown>): void => {
      const timer = setInterval(() => void work().catch(() => undefined), ms);
      this.timers.push(timer.unref());
    };
    every(HEARTBEAT_MS, () => this.ping());
    every(this.parts.fitnessEveryMs ?? FITNESS_MS, () => this.look());
  }

  private make(profile: ConnectionProfile): RedisClient {
    const { settings } = this.parts;
    return new RedisClient({
      options: clientOptions(settings, profile),
      ...(profile === 'patient' && { optionsOfCopies: clientOptions(settings, 'blocking') }),
      metrics: this.commandMetrics,
      onOpen: (client) => {
        this.clients.add(client);
        client.on('end', () => this.clients.delete(client));
      },
    });
  }

  private async accept(): Promise<void> {
    const { client, current } = this;
    if (!client || (current !== 'connecting' && current !== 'disconnected')) return;
    try {
      await this.look(client);
    } catch (error) {
      this.tellFailure(error);
      client.replace();
      return;
    }
    if (this.current !== current || client.status !== 'ready') return;
    const problem = current === 'connecting' && this.parts.app.isProduction ? unfitness(this.known) : undefined;
    if (problem) return this.refuse(problem);
    this.current = 'connected';
    this.told = undefined;
    const { logger } = this.parts;
    if (current === 'connecting') logger.info('redis connected', { version: this.known.version });
    else logger.info('redis is back', { durationMs: Math.round(performance.now() - this.lostAt) });
    this.found.resolve();
  }

  private async look(client = this.client): Promise<void> {
    if (client?.status !== 'ready') return;
    const before = this.isEvicting;
    this.known = await readFitness(client);
    if (this.isEvicting === before) return;
    if (this.isEvicting) this.parts.logger.warn('redis throws keys away when its memory is full: jobs can be lost');
    else this.parts.logger.info('redis keeps all keys again');
  }

  private lost(): void {
    if (this.current !== 'connected') return;
    this.current = 'disconnected';
    this.lostAt = performance.now();
    this.parts.logger.warn('redis lost: it is looked for until it is back');
  }

  private troubled(error: unknown): void {
    if (isUnknownDatabase(error))
      this.refuse(new ConfigError([{ name: 'REDIS_DB', rule: 'names a database that this Redis does not have' }]));
    else this.tellFailure(error);
  }

  private tellFailure(error: unknown): void {
    if (this.current !== 'connecting' && this.current !== 'disconnected') return;
    const reason = reasonOf(error);
    if (reason === this.told) return;
    this.told = reason;
    this.parts.logger.warn(`redis: ${reason}; it is tried again until it is there`, { setting: 'REDIS_URL', reason });
  }

  private refuse(problem: ConfigError): void {
    this.current = 'refused';
    for (const timer of this.timers) clearInterval(timer);
    for (const client of this.clients) client.cut();
    this.found.reject(problem);
  }
}
