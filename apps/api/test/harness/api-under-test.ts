import { randomUUID } from 'node:crypto';
import type { ModuleMetadata } from '@nestjs/common';
import { AppEnv, DatabaseEnv, loadEnv, RedisEnv } from '@flowmate/config';
import { Database, Migrator } from '@flowmate/database';
import { HealthMonitor, type HealthComponent } from '@flowmate/health';
import { LoadGate, Metrics, createLogger, type LagTimer } from '@flowmate/observability';
import { Redis } from '@flowmate/redis';
import { eventually, testStores } from '@flowmate/testing';
import { createApi, type Api } from '../../src/app.setup.js';
import { API_ENV } from '../../src/config/api.env.js';
import { EchoModule } from './echo.module.js';

/** 32 bytes and more, unlike any other value in the tests. */
export const OPERATOR_TOKEN = 'operator-4f9d1c7b2a8e6053d94b7f1e8c2a6d05';

/** Made for these tests, unlike each other and anything else. */
export const TEST_SECRETS = {
  JWT_SECRET: '6b1f0d7c95e2483aa7c4d0f1e8b26395c07da41b3e5f68290d1c7ab4f3e96258',
  REFRESH_SECRET: 'c93e5a7d10f84b26e7d1940ac5b83f62d08e4f71a6c25b3990fe1d874ba6c053',
  INTEGRATION_ENC_KEY: '0d4b8e26f1a97c53e08b64d2c7f51a3996e0b7d48c23f5a1708d9e6b42c1f5a3',
} as const;

type LogLine = Readonly<Record<string, unknown>>;

export interface ApiUnderTest extends Api {
  readonly url: string;
  readonly port: number;
  readonly metrics: Metrics;
  /** Of its database. */
  readonly name: string;
  /** Every line the api has logged so far, as a collector would read it. */
  readonly raw: () => string;
  /** Waits for the one line of a request. */
  lineOf(correlationId: string): Promise<LogLine>;
  linesOf(correlationId: string): LogLine[];
  close(): Promise<void>;
}

export interface UnderTestOptions {
  readonly variables?: Record<string, string>;
  readonly modules?: ModuleMetadata['imports'];
  readonly lagTimer?: LagTimer;
  /** What readiness depends on; nothing unless a test plays it. */
  readonly components?: readonly HealthComponent[];
}

/** The process runs many files, and collects their garbage: that is not the lag of an api. */
const ALWAYS_IN_TIME: LagTimer = { every: () => () => undefined, now: () => 0 };

/** The real application on a real port, with its log in memory and the echo routes mounted. */
export async function startApiUnderTest(options: UnderTestOptions = {}): Promise<ApiUnderTest> {
  const name = `e2e_${randomUUID().slice(0, 8)}`;
  const { mongoUri, redisUrl } = testStores();
  const variables = {
    NODE_ENV: 'test',
    METRICS_TOKEN: OPERATOR_TOKEN,
    MONGODB_URI: mongoUri,
    MONGODB_DATABASE: name,
    REDIS_URL: redisUrl,
    REDIS_KEY_PREFIX: name,
    ...TEST_SECRETS,
    // Suites send more from one address in a minute than callers do in an hour.
    RATE_LIMIT_MAX_REQUESTS: '1000000',
    RATE_LIMIT_ROUTES: 'auth-request=1000000/1m,auth-verify=1000000/1m',
    ...options.variables,
  };
  const env = loadEnv(API_ENV, { variables });
  let log = '';
  const destination = { write: (line: string): void => void (log += line) };
  const logger = createLogger({
    level: 'info',
    format: 'json',
    service: 'flowmate-api',
    environment: 'test',
    destination,
  });
  const metrics = new Metrics();
  const gate = new LoadGate(options.lagTimer ?? ALWAYS_IN_TIME);
  gate.start();
  // Milliseconds for seconds: how long it takes is proven where it is decided.
  const limits = { calmMs: 5, troubledMs: 5, startingMs: 5 };
  const health = new HealthMonitor({ components: options.components ?? [], limits });
  health.start();
  const extraModules = options.modules ?? [EchoModule];
  const redis = new Redis({ app: env.get(AppEnv), settings: env.get(RedisEnv), logger });
  const database = new Database({ app: env.get(AppEnv), settings: env.get(DatabaseEnv), role: 'api', logger, metrics });
  // Production refuses the stores of the tests; what is asked of it needs none.
  if (!env.get(AppEnv).isProduction) await Promise.all([redis.connect(), database.connect()]);
  if (database.state === 'connected') await new Migrator(database).up();
  const api = await createApi({ env, logger, metrics, gate, health, database, redis, extraModules });
  const close = async (): Promise<void> => {
    await api.app.close();
    await health.stop();
    await Promise.all([redis.close(), database.close()]);
    gate.stop();
  };
  await api.app.listen(0, '127.0.0.1').catch(async (error: unknown) => {
    await close();
    throw error;
  });
  const url = await api.app.getUrl();

  const lines = (): LogLine[] =>
    log
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as LogLine);
  const linesOf = (id: string): LogLine[] => lines().filter(({ correlationId }) => correlationId === id);
  return {
    ...api,
    url,
    port: Number(new URL(url).port),
    metrics,
    name,
    raw: () => log,
    linesOf,
    lineOf: (id) =>
      eventually(() => {
        const [line] = linesOf(id);
        if (line === undefined) throw new Error('the request has no line in the log yet');
        return line;
      }),
    close,
  };
}
