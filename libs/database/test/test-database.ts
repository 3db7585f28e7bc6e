import { randomUUID } from 'node:crypto';
import { AppEnv, DatabaseEnv, loadEnv } from '@flowmate/config';
import { createLogger, Metrics } from '@flowmate/observability';
import { testStores } from '@flowmate/testing';
import type { mongo } from 'mongoose';
import { Database, RUN } from '../src/connection/database.js';

/** A database of its own on the store of the tests, and what its log and its metrics say. */
export class TestDatabase {
  readonly lines: string[] = [];
  readonly metrics = new Metrics();
  readonly database: Database;

  constructor(variables: Readonly<Record<string, string>> = {}, role: 'api' | 'worker' | 'cli' = 'api') {
    const name = `test_${randomUUID().slice(0, 8)}`;
    const all = { MONGODB_URI: testStores().mongoUri, MONGODB_DATABASE: name, ...variables };
    const env = loadEnv([AppEnv, DatabaseEnv], { variables: all });
    const app = env.get(AppEnv);
    const destination = { write: (line: string) => void this.lines.push(line.trimEnd()) };
    const logger = createLogger({
      level: 'info',
      format: 'text',
      service: 'test',
      environment: app.nodeEnv,
      destination,
    });
    this.database = new Database({ app, settings: env.get(DatabaseEnv), role, logger, metrics: this.metrics });
  }

  /** The driver's own view, for tests of what is really sent and stored. */
  db(): Promise<mongo.Db> {
    return this.database[RUN](({ db }) => Promise.resolve(db!));
  }

  async commands(): Promise<mongo.CommandStartedEvent[]> {
    const seen: mongo.CommandStartedEvent[] = [];
    (await this.db()).client.on('commandStarted', (event) => seen.push(event));
    return seen;
  }

  /** Lets go of the store, which keeps nothing of this test. */
  async dispose(): Promise<void> {
    if (this.database.state === 'connected') await (await this.db()).dropDatabase();
    await this.database.close();
  }
}
