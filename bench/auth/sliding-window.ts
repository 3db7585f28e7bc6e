import { AppEnv, loadEnv, RedisEnv } from '@flowmate/config';
import { createLogger } from '@flowmate/observability';
import { Redis, SlidingWindow } from '@flowmate/redis';

export interface WindowFigures {
  readonly keys: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly perSecond: number;
}

/** Each key holds this many requests when it is measured: the limit of an address. */
const IN_WINDOW = 100;

/** One request after the other, as one caller sees it, and then 50 at once for the rate. */
export async function measureSlidingWindow(url: string, keys = 1_000, requests = 20_000): Promise<WindowFigures> {
  const variables = { REDIS_URL: url, REDIS_KEY_PREFIX: `bench-${process.pid}` };
  const env = loadEnv([AppEnv, RedisEnv], { variables });
  const logger = createLogger({ level: 'error', format: 'text', service: 'bench', environment: 'test' });
  const redis = new Redis({ app: env.get(AppEnv), settings: env.get(RedisEnv), logger });
  await redis.connect();
  const window = new SlidingWindow(redis, 2_000);
  const take = (index: number) => window.take({ key: `key-${index % keys}`, limit: IN_WINDOW * 2, windowMs: 60_000 });
  for (let round = 0; round < IN_WINDOW; round += 1)
    await Promise.all(Array.from({ length: keys }, (_, index) => take(index)));
  const times: number[] = [];
  for (let index = 0; index < requests; index += 1) {
    const started = performance.now();
    await take(index);
    times.push(performance.now() - started);
  }
  times.sort((a, b) => a - b);
  const started = performance.now();
  const caller = async (first: number): Promise<void> => {
    for (let index = first; index < requests; index += 50) await take(index);
  };
  await Promise.all(Array.from({ length: 50 }, (_, first) => caller(first)));
  const seconds = (performance.now() - started) / 1_000;
  await redis.close();
  const at = (share: number): number => times[Math.floor(times.length * share)] ?? NaN;
  return { keys, p50Ms: at(0.5), p99Ms: at(0.99), perSecond: requests / seconds };
}
