import { randomUUID } from 'node:crypto';
import { AppEnv, loadEnv, RedisEnv } from '@flowmate/config';
import { createLogger, Metrics, type Logger } from '@flowmate/observability';
import { Redis } from '../src/connection/redis.js';

/** A `Redis` with a prefix of its own, and what its log and its metrics say. */
export class TestRedis {
  readonly lines: string[] = [];
  readonly metrics = new Metrics();
  readonly logger: Logger;
  readonly redis: Redis;

  constructor(url: string, variables: Readonly<Record<string, string>> = {}) {
    const keyPrefix = `test_${randomUUID().slice(0, 8)}`;
    const all = { REDIS_URL: url, REDIS_KEY_PREFIX: keyPrefix, ...variables };
    const env = loadEnv([AppEnv, RedisEnv], { variables: all });
    const app = env.get(AppEnv);
    const destination = { write: (line: string) => void this.lines.push(line.trimEnd()) };
    const options = { level: 'info', format: 'text', service: 'test', environment: app.nodeEnv } as const;
    this.logger = createLogger({ ...options, destination });
    const parts = { app, settings: env.get(RedisEnv), logger: this.logger, metrics: this.metrics };
    this.redis = new Redis({ ...parts, fitnessEveryMs: 200 });
  }

  /** The messages of the log, without time and level. */
  told(): string[] {
    return this.lines.map((line) => line.replace(/^\S+ \S+ \[[^\]]*\] /, ''));
  }

  async samples(name: string): Promise<string[]> {
    return (await this.metrics.text()).split('\n').filter((line) => line.startsWith(name));
  }
}
