import type { Redis } from '../connection/redis.js';
import { redisScript } from './script.js';

export interface WindowedLimit {
  readonly key: string;
  readonly limit: number;
  readonly windowMs: number;
}

export interface WindowAnswer {
  readonly isAllowed: boolean;
  /** How many more fit in at this moment. */
  readonly remaining: number;
  /** Until the next one of those that are counted leaves the window, and so one more fits in. */
  readonly freeInMs: number;
}

/**
 * One sorted set for each key: an entry for each request, at the time of Redis in microseconds. What has left the
 * window goes, the rest is counted, and only a request that fits in is added, so that the set is never longer than
 * the limit and nobody is kept out by having been refused.
 */
const TAKE = redisScript(`
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local limit = tonumber(ARGV[1])
local window = ARGV[2] * 1000
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - window)
local count = redis.call('ZCARD', KEYS[1])
local allowed = 0
if count < limit then
  redis.call('ZADD', KEYS[1], now, ARGV[3])
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
  allowed = 1
  count = count + 1
end
local first = math.max(0, count - limit)
local oldest = redis.call('ZRANGE', KEYS[1], first, first, 'WITHSCORES')
local free = math.ceil((oldest[2] + window - now) / 1000)
return { allowed, math.max(0, limit - count), math.min(math.max(1, free), tonumber(ARGV[2])) }
`);

/** Counts in a window that really slides, for all processes that share the Redis, at one round trip for each request. */
export class SlidingWindow {
  /** Two requests in the same microsecond are two entries, whichever processes they came from. */
  private readonly mine = crypto.randomUUID().slice(0, 8);
  private count = 0;

  constructor(
    private readonly redis: Redis,
    private readonly timeoutMs: number,
  ) {}

  /** Counts one request if it fits in. Throws `RedisUnavailableError`; it may have been counted then. */
  async take({ key, limit, windowMs }: WindowedLimit): Promise<WindowAnswer> {
    this.count += 1;
    const entry = `${this.mine}${this.count.toString(36)}`;
    const deadline = { timeoutMs: this.timeoutMs };
    const answer = await this.redis.run(TAKE, [this.redis.key('limit', key)], [limit, windowMs, entry], deadline);
    const [allowed, remaining, freeInMs] = answer as readonly [number, number, number];
    return { isAllowed: allowed === 1, remaining, freeInMs };
  }

  /** Takes back the newest request of a key, which turned out not to count. */
  async giveBack(key: string): Promise<void> {
    await this.redis.send('ZPOPMAX', [this.redis.key('limit', key)], { timeoutMs: this.timeoutMs });
  }
}
