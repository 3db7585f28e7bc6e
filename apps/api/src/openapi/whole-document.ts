import { randomBytes } from 'node:crypto';
import { AppEnv, DatabaseEnv, loadEnv, RedisEnv } from '@flowmate/config';
import { Database } from '@flowmate/database';
import { HealthMonitor } from '@flowmate/health';
import { createLogger, LoadGate, Metrics } from '@flowmate/observability';
import { Redis } from '@flowmate/redis';
import { createApi } from '../app.setup.js';
import { API_ENV } from '../config/api.env.js';
import { openApiDocument } from './document.js';

/** The length of every secret of ours. */
const SECRET_BYTES = 32;

/** Secrets that are forgotten with the process. */
const throwaway = (missing: readonly string[]): Record<string, string> =>
  Object.fromEntries(missing.map((name) => [name, randomBytes(SECRET_BYTES).toString('hex')]));

/** The OpenAPI document as text. Nothing listens and nothing connects: it comes from the decorators alone. */
export async function wholeDocument(): Promise<string> {
  const env = loadEnv(API_ENV, { variables: {}, supply: throwaway });
  const destination = { write: () => undefined };
  const logger = createLogger({ level: 'error', format: 'text', service: 'openapi', environment: 'test', destination });
  const common = { app: env.get(AppEnv), logger };
  const { app } = await createApi({
    env,
    logger,
    metrics: new Metrics(),
    gate: new LoadGate(),
    health: new HealthMonitor({ components: [] }),
    database: new Database({ ...common, settings: env.get(DatabaseEnv), role: 'api' }),
    redis: new Redis({ ...common, settings: env.get(RedisEnv) }),
  });
  try {
    return `${JSON.stringify(openApiDocument(app), null, 2)}\n`;
  } finally {
    await app.close();
  }
}
