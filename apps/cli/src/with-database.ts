import { AppEnv, DatabaseEnv, developmentSecrets, loadEnv, type EnvClass, type Environment } from '@flowmate/config';
import { Database } from '@flowmate/database';
import { createLogger, type Logger } from '@flowmate/observability';
import type { Terminal } from './terminal.js';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** What commands that work on the database need to know. */
const CLI_ENV = [AppEnv, DatabaseEnv] as const;
/** Where a checkout keeps what it makes for itself in development: the same secrets as the api and the worker have. */
const HOME = '.flowmate';

export interface DatabaseWork {
  readonly database: Database;
  readonly env: Environment;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/** Does some work on a database that is connected, and lets go of it in any case. The first Ctrl-C asks it to end. */
export async function withDatabase<T>(
  terminal: Terminal,
  work: (parts: DatabaseWork) => Promise<T>,
  more: readonly EnvClass[] = [],
): Promise<T> {
  const env = loadEnv([...CLI_ENV, ...more], { supply: developmentSecrets(HOME, () => undefined) });
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
    return await work({ database, env, logger, signal: stop.signal });
  } finally {
    for (const signal of SIGNALS) process.off(signal, end);
    await database.close();
  }
}
