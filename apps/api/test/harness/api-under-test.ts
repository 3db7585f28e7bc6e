import type { ModuleMetadata } from '@nestjs/common';
import { AppEnv, loadEnv, RedisEnv } from '@flowmate/config';
import { HealthMonitor, type HealthComponent } from '@flowmate/health';
import { LoadGate, Metrics, createLogger, type LagTimer } from '@flowmate/observability';
import { Redis } from '@flowmate/redis';
import { eventually } from '@flowmate/testing';
import { createApi, type Api } from '../../src/app.setup.js';
import { API_ENV } from '../../src/config/api.env.js';
import { EchoModule } from './echo.module.js';

/** 32 bytes and more, unlike any other value in the tests. */
export const OPERATOR_TOKEN = 'operator-4f9d1c7b2a8e6053d94b7f1e8c2a6d05';

type LogLine = Readonly<Record<string, unknown>>;

export interface ApiUnderTest extends Api {
  readonly url: string;
  readonly port: number;
  readonly metrics: Metrics;
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

/** The real application on a real port, with its log in memory and the echo routes mounted. */
export async function startApiUnderTest(options: UnderTestOptions = {}): Promise<ApiUnderTest> {
  const variables = {
    NODE_ENV: 'test',
    METRICS_TOKEN: OPERATOR_TOKEN,
    // Suites send more from one address in a minute than callers do in an hour.
    RATE_LIMIT_MAX_REQUESTS: '1000000',
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
  const gate = new LoadGate(options.lagTimer);
  gate.start();
  // Milliseconds for seconds: how long it takes is proven where it is decided.
  const limits = { calmMs: 5, troubledMs: 5, startingMs: 5 };
  const health = new HealthMonitor({ components: options.components ?? [], limits });
  health.start();
  const extraModules = options.modules ?? [EchoModule];
  const redis = new Redis({ app: env.get(AppEnv), settings: env.get(RedisEnv), logger });
  await redis.connect();
  const api = await createApi({ env, logger, metrics, gate, health, redis, extraModules });
  await api.app.listen(0, '127.0.0.1');
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
    raw: () => log,
    linesOf,
    lineOf: (id) =>
      eventually(() => {
        const [line] = linesOf(id);
        if (line === undefined) throw new Error('the request has no line in the log yet');
        return line;
      }),
    close: async () => {
      await api.app.close();
      await health.stop();
      await redis.close();
      gate.stop();
    },
  };
}
