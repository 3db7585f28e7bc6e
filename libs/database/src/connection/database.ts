import { setTimeout as delay } from 'node:timers/promises';
import { ConfigError, type AppEnv, type DatabaseEnv } from '@flowmate/config';
import type { Logger, Metrics } from '@flowmate/observability';
import { mongo, Mongoose, type Connection } from 'mongoose';
import { ALL_COLLECTIONS } from '../collections.js';
import { clientOptions, databaseName, OPERATION_MS, selectionMs, type DatabaseRole } from './client-options.js';
import { CommandMetrics } from './command-metrics.js';
import { reasonOf } from './connect-failure.js';
import { DatabaseUnavailableError, isUnavailable } from './database.errors.js';
import { within, type Deadline } from './deadline.js';
import { refusal, unfitness } from './fitness.js';

/**
 * `absent`: no address is set. `connecting`: never connected so far. `refused`: found, and not fit for production.
 * Only in `connected` is anything asked.
 */
export type DatabaseState = 'absent' | 'connecting' | 'connected' | 'disconnected' | 'refused' | 'closed';

export interface DatabaseParts {
  readonly app: AppEnv;
  readonly settings: DatabaseEnv;
  readonly role: DatabaseRole;
  readonly logger: Logger;
  readonly metrics?: Metrics | undefined;
}

/** The way of repositories and migrations to the store. Not exported from the library: nobody else asks it anything. */
export const RUN = Symbol('run');

/** Between two tries to connect; each try itself waits for the server as long as the settings say. */
const RETRY_MS = 1_000;
/** The driver says goodbye to the server when it closes; one that hangs is not waited for longer. */
const CLOSE_MS = 2_000;
/** Topologies that can take a write now. */
const WRITABLE = new Set(['ReplicaSetWithPrimary', 'Sharded', 'LoadBalanced']);
/** Collections of ours that commands are counted by; all others are `other`. */
const COUNTED: readonly string[] = [
  ...ALL_COLLECTIONS.map(({ name }) => name),
  'migrations',
  'migration_lock',
  'audit',
  'audit_heads',
];

/**
 * The one connection of a process to MongoDB. It is made in the background and kept: a store that is not there, not
 * yet or not any more, is told once in the log and looked for until `close`.
 */
export class Database {
  readonly name: string;
  private current: DatabaseState;
  private connection: Connection | undefined;
  private client: mongo.MongoClient | undefined;
  private connecting: Promise<void> | undefined;
  private told: string | undefined;
  private hasPrimary = false;
  private lostAt = 0;
  private readonly closing = new AbortController();

  constructor(private readonly parts: DatabaseParts) {
    const { app, settings } = parts;
    if (!settings.uri && app.isProduction) throw refusal('is required in production');
    this.name = databaseName(settings);
    this.current = settings.uri ? 'connecting' : 'absent';
  }

  get state(): DatabaseState {
    return this.current;
  }

  /**
   * Looks for the store until it is found. Resolves when it was found for the first time, or on `close`; rejects with
   * a {@link ConfigError} (exit code 78) when it is not fit for production. A process does not wait for it.
   */
  connect(): Promise<void> {
    this.connecting ??= this.keepTrying();
    return this.connecting;
  }

  /** For a program that does one thing: like {@link connect}, but gives up when the time of the settings is over. */
  async connectInTime(signal?: AbortSignal): Promise<void> {
    if (this.current === 'absent') throw refusal('is not set');
    await within(this.connect(), { timeoutMs: selectionMs(this.parts.role, this.parts.settings), signal });
    if (this.current !== 'connected') throw new DatabaseUnavailableError(false);
  }

  /** Asks the primary, so it also answers the clock of the store. Throws {@link DatabaseUnavailableError}. */
  async ping(deadline: Partial<Deadline> = {}): Promise<{ readonly ms: number; readonly storeTime: Date }> {
    const started = performance.now();
    const hello = await this[RUN](
      (connection) => native(connection).command({ hello: 1, maxTimeMS: OPERATION_MS }),
      deadline,
    );
    return { ms: performance.now() - started, storeTime: hello['localTime'] as Date };
  }

  /**
   * Fails at once while there is no store and after two seconds when it does not answer; answers of the store itself,
   * such as a duplicate key, come as they are.
   */
  async [RUN]<T>(work: (connection: Connection) => Promise<T>, deadline: Partial<Deadline> = {}): Promise<T> {
    if (this.current !== 'connected' || !this.connection) throw new DatabaseUnavailableError(false);
    try {
      return await within(work(this.connection), { timeoutMs: OPERATION_MS, ...deadline });
    } catch (error) {
      if (isUnavailable(error)) throw new DatabaseUnavailableError(true, error);
      throw error;
    }
  }

  /** Ends the connection, and the search for one. What is under way fails. */
  async close(): Promise<void> {
    if (this.current === 'closed') return;
    this.current = 'closed';
    this.closing.abort();
    const closed = this.client?.close() ?? Promise.resolve();
    await Promise.race([closed.catch(() => undefined), delay(CLOSE_MS, undefined, { ref: false })]);
  }

  private async keepTrying(): Promise<void> {
    const { settings, logger } = this.parts;
    if (!settings.uri) return logger.warn('no database: MONGODB_URI is not set', { setting: 'MONGODB_URI' });
    this.client = this.makeClient(settings.uri.reveal());
    while (!this.closing.signal.aborted) {
      try {
        await this.client.connect();
        await this.accept(this.client);
        return;
      } catch (error) {
        if (error instanceof ConfigError) throw error;
        this.tellFailure(error);
      }
      await delay(RETRY_MS, undefined, { signal: this.closing.signal }).catch(() => undefined);
    }
  }

  /** Errors of the driver about an address quote it, password and all. */
  private makeClient(uri: string): mongo.MongoClient {
    let client: mongo.MongoClient;
    try {
      client = new mongo.MongoClient(uri, clientOptions(this.parts.role, this.parts.settings));
    } catch {
      this.current = 'refused';
      throw refusal('is no address that the MongoDB driver understands');
    }
    client.on('topologyDescriptionChanged', ({ newDescription }) => this.follow(newDescription));
    if (this.parts.metrics) new CommandMetrics(this.parts.metrics, new Set(COUNTED)).watch(client);
    return client;
  }

  private async accept(client: mongo.MongoClient): Promise<void> {
    const problem = this.parts.app.isProduction ? await unfitness(client.db().admin()) : undefined;
    if (this.closing.signal.aborted) return;
    if (problem) {
      this.current = 'refused';
      await client.close();
      throw problem;
    }
    this.connection = openConnection(client, this.name);
    this.current = 'connected';
    this.parts.logger.info('database connected');
    if (!this.hasPrimary) this.lose();
  }

  private tellFailure(error: unknown): void {
    if (this.closing.signal.aborted) return;
    const reason = reasonOf(error);
    if (reason === this.told) return;
    this.told = reason;
    this.parts.logger.warn(`database: ${reason}; it is tried again until it is there`, {
      setting: 'MONGODB_URI',
      reason,
    });
  }

  /** One try of a worker takes half a minute: nobody should have to wait so long to read that nothing is there. */
  private tellTrouble({ servers }: mongo.TopologyDescription): void {
    const all = [...servers.values()];
    if (all.length > 0 && all.every(({ error }) => error)) this.tellFailure(all[0]?.error);
  }

  private follow(topology: mongo.TopologyDescription): void {
    if (this.current === 'connecting') this.tellTrouble(topology);
    this.hasPrimary = WRITABLE.has(topology.type) || isWritableAlone(topology);
    if (this.current === 'connected' && !this.hasPrimary) this.lose();
    else if (this.current === 'disconnected' && this.hasPrimary) {
      this.current = 'connected';
      const durationMs = Math.round(performance.now() - this.lostAt);
      this.parts.logger.info('database is back', { durationMs });
    }
  }

  private lose(): void {
    this.current = 'disconnected';
    this.lostAt = performance.now();
    this.parts.logger.warn('database lost: it is looked for until it is back');
  }
}

/** One node that was named directly, or a standalone. */
function isWritableAlone({ type, servers }: mongo.TopologyDescription): boolean {
  return type === 'Single' && [...servers.values()].some((server) => server.isWritable);
}

export function native(connection: Connection): mongo.Db {
  if (!connection.db) throw new DatabaseUnavailableError(false);
  return connection.db;
}

/** An instance of Mongoose of our own, so that nobody else's settings reach it. */
function openConnection(client: mongo.MongoClient, name: string): Connection {
  const mongoose = new Mongoose({
    autoIndex: false,
    autoCreate: false,
    bufferCommands: false,
    sanitizeFilter: true,
  });
  return mongoose.createConnection().setClient(client).useDb(name);
}
