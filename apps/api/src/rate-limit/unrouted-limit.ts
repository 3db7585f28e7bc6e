import { RateLimitEnv } from '@flowmate/config';
import { Injectable } from '@nestjs/common';
import type { HttpServer } from '../http/http.types.js';
import { LimitCounter } from './limit-counter.js';
import { addressKey } from './limits-of-request.js';
import { RateLimitedError } from './rate-limit.errors.js';

/**
 * Scanners ask for thousands of paths that are none of ours. No guard sees those, so they are counted here, by address:
 * nobody finds out who asks for something that is not there.
 */
@Injectable()
export class UnroutedLimit {
  constructor(
    private readonly counter: LimitCounter,
    private readonly settings: RateLimitEnv,
  ) {}

  attach(server: HttpServer): void {
    server.addHook('onRequest', async (request, reply) => {
      if (!request.is404) return;
      const { maxRequests: max, windowMs } = this.settings;
      const key = addressKey(request);
      const { isAllowed, remaining, freeInMs } = await this.counter.count({ key, limit: max, windowMs });
      const seconds = Math.ceil(freeInMs / 1_000);
      reply.headers({ 'ratelimit-limit': max, 'ratelimit-remaining': remaining, 'ratelimit-reset': seconds });
      if (isAllowed) return;
      this.counter.noteRefusal(undefined, key);
      throw new RateLimitedError(seconds * 1_000);
    });
  }
}
