import { AppEnv, DatabaseEnv, loadEnv } from '@flowmate/config';
import { Database } from '@flowmate/database';
import { createLogger } from '@flowmate/observability';
import type { Terminal } from './terminal.js';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** What commands that work on the database need to know. */
const CLI_ENV = [AppEnv, DatabaseEnv] as const;

/** Does some work on a database that is connected, and lets go of it in any case. The first Ctrl-C asks it to end. */
export async function withDatabase<T>(
  terminal: Terminal,
  work: (database: Database, signal: AbortSignal) => Promise<T>,
): Promise<T> {
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
  const stop = new AbortController();
  const end = (): void => stop.abort(new Error('Stopped.'));
  // The second one finds nobody listening and ends the process.
  for (const signal of SIGNALS) process.once(signal, end);
  try {
    await database.connectInTime(stop.signal);
    return await work(database, stop.signal);
  } finally {
    for (const signal of SIGNALS) process.off(signal, end);
    await database.close();
  }
}
