import { Injectable, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import {
  InjectThrottlerOptions,
  ThrottlerGuard,
  type ThrottlerLimitDetail,
  type ThrottlerModuleOptions,
  type ThrottlerOptions,
} from '@nestjs/throttler';
import type { HttpReply, HttpRequest } from '../http/http.types.js';
import { LimitCounter, ROUTE_THROTTLER } from './limit-counter.js';
import { LimitsOfRequest, type CallerLimit } from './limits-of-request.js';
import { RateLimitedError } from './rate-limit.errors.js';

const REFUSED = 401;

/** What a request is told of in headers is the limit of its caller. */
const ROUTE: ThrottlerOptions = { name: ROUTE_THROTTLER, limit: 0, ttl: 0, setHeaders: false };
const CALLER: ThrottlerOptions = { name: 'default', limit: 0, ttl: 0 };

/** For the library, which wants to know all of them at its start. */
export const THROTTLERS: readonly ThrottlerOptions[] = [ROUTE, CALLER];

/** Refuses who asks too often, before anything is done for him. Which limits there are: `rate-limit.module.ts`. */
@Injectable()
export class RateLimitGuard extends ThrottlerGuard {
  protected override headerPrefix = 'RateLimit';

  constructor(
    @InjectThrottlerOptions() options: ThrottlerModuleOptions,
    private readonly counter: LimitCounter,
    reflector: Reflector,
    private readonly limits: LimitsOfRequest,
  ) {
    super(options, counter, reflector);
  }

  /**
   * The operation's own limit first: who has used that up uses up nothing else by asking again. Which limits hold is
   * known without the reflection over decorators that the guard of the library makes in every request.
   */
  override async canActivate(context: ExecutionContext): Promise<boolean> {
    if (this.limits.isExempt(context)) return true;
    const http = context.switchToHttp();
    const request = http.getRequest<HttpRequest>();
    const route = this.limits.ofRoute(context);
    const routeKey = route ? this.limits.keyOfRoute(request, route) : '';
    if (route) await this.count(context, route, { key: routeKey, throttler: ROUTE });
    const caller = route?.isInstead ? undefined : this.limits.ofCaller(request);
    if (caller) await this.count(context, caller, { key: this.limits.keyOfCaller(request), throttler: CALLER });
    if (route?.counts === 'refusals') this.countOnlyRefusal(http.getResponse<HttpReply>(), routeKey);
    return true;
  }

  protected override throwThrottlingException(context: ExecutionContext, detail: ThrottlerLimitDetail): Promise<void> {
    const http = context.switchToHttp();
    const request = http.getRequest<HttpRequest>();
    const limit = this.limits.ofRoute(context);
    const key = limit && this.limits.keyOfRoute(request, limit);
    // What the caller's own limit refused was no use of the operation.
    if (key !== undefined && key !== detail.key) this.counter.giveBack(key);
    void http.getResponse<HttpReply>().headers({
      'ratelimit-limit': detail.limit,
      'ratelimit-remaining': 0,
      'ratelimit-reset': detail.timeToBlockExpire,
    });
    this.counter.noteRefusal(request.state?.route, detail.key);
    throw new RateLimitedError(detail.timeToBlockExpire * 1_000);
  }

  private count(
    context: ExecutionContext,
    { max, windowMs }: CallerLimit,
    { key, throttler }: { key: string; throttler: ThrottlerOptions },
  ): Promise<boolean> {
    return this.handleRequest({
      context,
      throttler,
      limit: max,
      ttl: windowMs,
      blockDuration: 0,
      getTracker: () => Promise.resolve(key),
      generateKey: () => key,
    });
  }

  /** It was counted before its work, so that a hundred at once are not all let through; a good one is given back. */
  private countOnlyRefusal(reply: HttpReply, key: string): void {
    reply.raw.once('close', () => {
      // Who hangs up before he is told may have been refused.
      if (reply.raw.writableFinished && reply.raw.statusCode !== REFUSED) this.counter.giveBack(key);
    });
  }
}
