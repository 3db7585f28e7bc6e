import { AppEnv, DatabaseEnv, loadEnv } from '@flowmate/config';
import { Database } from '@flowmate/database';
import { createLogger } from '@flowmate/observability';
import type { Terminal } from './terminal.js';

/** What commands that work on the database need to know. */
const CLI_ENV = [AppEnv, DatabaseEnv] as const;

/** Does some work on a database that is connected, and lets go of it in any case. */
export async function withDatabase<T>(terminal: Terminal, work: (database: Database) => Promise<T>): Promise<T> {
  const env = loadEnv(CLI_ENV);
  const app = env.get(AppEnv);
  const logger = createLogger({
    level: 'warn',
    format: 'text',
    service: 'flowmate-cli',
    environment: app.nodeEnv,
    destination: { write: (line) => terminal.note(line.trimEnd()) },
  });
  const database = new Database({ app, settings: env.get(DatabaseEnv), role: 'cli', logger });
  try {
    await database.connectInTime();
    return await work(database);
  } finally {
    await database.close();
  }
}
