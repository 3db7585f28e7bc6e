import { RateLimitEnv } from '@flowmate/config';
import { Logger, Metrics, type CountingMetric } from '@flowmate/observability';
import { Redis, SlidingWindow, type WindowAnswer, type WindowedLimit } from '@flowmate/redis';
import { Injectable } from '@nestjs/common';
import type { ThrottlerStorage } from '@nestjs/throttler';
import { LocalWindow } from './local-window.js';
import { RecentKeys } from './recent-keys.js';

/** What a request waits for Redis before it is counted here instead. */
const REDIS_MS = 250;
/** How long Redis is left alone after it failed. Then one request asks it, and the others do not wait for that one. */
const LOCAL_MS = 5_000;
/** Operations with a limit of their own are what attackers aim at: without the common count they allow a quarter. */
const ROUTE_SHARE = 4;
/** What an operation has counted may be given back in another process: so long a refusal by it is not asked about again. */
const ROUTE_MS = 1_000;
/** Who is refused is remembered until he is free: at some 150 bytes each, under 10 MB. */
const MAX_REFUSED = 50_000;

/** The name of the throttler of operations with limits of their own; see `rate-limit.module.ts`. */
export const ROUTE_THROTTLER = 'route';

interface Refused {
  readonly limit: number;
  /** From then on one more fits in. */
  readonly freeAt: number;
  /** Until then nobody has to be asked about it. */
  readonly knownUntil: number;
}

const inSeconds = (ms: number): number => Math.max(1, Math.ceil(ms / 1_000));

/** Where requests are counted: in Redis for all processes together, and while it cannot be asked, each its part here. */
@Injectable()
export class LimitCounter implements ThrottlerStorage {
  private readonly shared: SlidingWindow;
  private readonly local = new LocalWindow();
  private readonly refused = new RecentKeys<Refused>(MAX_REFUSED);
  private readonly countedHere: CountingMetric;
  private readonly refusals: CountingMetric;
  private isLocal: boolean;
  private askAgainAt: number;

  constructor(
    redis: Redis,
    metrics: Metrics,
    private readonly settings: RateLimitEnv,
    private readonly logger: Logger,
  ) {
    this.shared = new SlidingWindow(redis, REDIS_MS);
    // Without an address there never is a Redis: that was told at the start.
    this.isLocal = redis.state === 'absent';
    this.askAgainAt = this.isLocal ? Infinity : 0;
    this.countedHere = metrics.counter({
      name: 'flowmate_rate_limit_local_total',
      help: 'Requests counted in this process alone, because Redis could not be asked.',
    });
    this.refusals = metrics.counter({
      name: 'flowmate_rate_limited_total',
      help: 'Requests refused because their caller asked too often, by route and by the limit that was reached.',
      labels: ['route', 'limit'],
    });
  }

  /** For the throttler: its times are seconds. */
  async increment(...[key, ttl, limit, , throttlerName]: Parameters<ThrottlerStorage['increment']>) {
    const { isAllowed, remaining, freeInMs } = await this.count(
      { key, limit, windowMs: ttl },
      throttlerName === ROUTE_THROTTLER,
    );
    const seconds = inSeconds(freeInMs);
    return { totalHits: limit - remaining, timeToExpire: seconds, isBlocked: !isAllowed, timeToBlockExpire: seconds };
  }

  /** Counts one request, unless it is known that it does not fit in. */
  async count(limit: WindowedLimit, isOfRoute = false): Promise<WindowAnswer> {
    const refusedForMs = this.refusedForMs(limit);
    if (refusedForMs > 0) return { isAllowed: false, remaining: 0, freeInMs: refusedForMs };
    const answer = await this.take(limit, isOfRoute);
    if (!answer.isAllowed) this.remember(limit, answer.freeInMs, isOfRoute);
    return answer;
  }

  /** Whether a key has used up its limit, as far as this process knows. Asks nobody. */
  isRefused(key: string): boolean {
    const refused = this.refused.get(key);
    return refused !== undefined && refused.knownUntil > performance.now();
  }

  /** For whoever watches over the instance. A key begins with the name of its limit. */
  noteRefusal(route: string | undefined, key: string): void {
    const [limit = ''] = key.split(':', 1);
    this.refusals.inc([route ?? 'unmatched', limit]);
  }

  /** The newest request of a key does not count after all. Best effort: nobody waits for it. */
  giveBack(key: string): void {
    this.refused.delete(key);
    if (this.isLocal) this.local.giveBack(key);
    else void this.shared.giveBack(key).catch(() => undefined);
  }

  private refusedForMs({ key, limit }: WindowedLimit): number {
    const refused = this.refused.get(key);
    const now = performance.now();
    return refused?.limit === limit && refused.knownUntil > now ? refused.freeAt - now : 0;
  }

  /** What is counted here alone says nothing about Redis, which may be back by then. */
  private remember({ key, limit }: WindowedLimit, freeInMs: number, isOfRoute: boolean): void {
    const now = performance.now();
    const knownForMs = Math.min(freeInMs, isOfRoute ? ROUTE_MS : this.isLocal ? LOCAL_MS : Infinity);
    this.refused.set(key, { limit, freeAt: now + freeInMs, knownUntil: now + knownForMs });
  }

  private async take(limit: WindowedLimit, isOfRoute: boolean): Promise<WindowAnswer> {
    if (this.isLocal) {
      if (performance.now() < this.askAgainAt) return this.takeHere(limit, isOfRoute);
      this.askAgainAt = performance.now() + LOCAL_MS;
    }
    try {
      const answer = await this.shared.take(limit);
      if (this.isLocal) this.logger.info('requests are counted in redis again', { component: 'rate-limit' });
      this.isLocal = false;
      return answer;
    } catch (error) {
      this.askAgainAt = performance.now() + LOCAL_MS;
      if (!this.isLocal)
        this.logger.failure('requests are counted in this process alone until redis answers', error, {
          component: 'rate-limit',
        });
      this.isLocal = true;
      return this.takeHere(limit, isOfRoute);
    }
  }

  private takeHere({ key, limit, windowMs }: WindowedLimit, isOfRoute: boolean): WindowAnswer {
    this.countedHere.inc();
    const parts = this.settings.replicas * (isOfRoute ? ROUTE_SHARE : 1);
    return this.local.take({ key, limit: Math.max(1, Math.floor(limit / parts)), windowMs });
  }
}
