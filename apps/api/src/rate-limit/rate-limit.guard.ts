import { Injectable, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import {
  InjectThrottlerOptions,
  ThrottlerGuard,
  type ThrottlerLimitDetail,
  type ThrottlerModuleOptions,
} from '@nestjs/throttler';
import type { HttpReply, HttpRequest } from '../http/http.types.js';
import { LimitCounter } from './limit-counter.js';
import { LimitsOfRequest } from './limits-of-request.js';
import { RateLimitedError } from './rate-limit.errors.js';

const REFUSED = 401;

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

  override async canActivate(context: ExecutionContext): Promise<boolean> {
    const isAllowed = await super.canActivate(context);
    const limit = this.limits.ofRoute(context);
    if (limit?.counts === 'refusals') {
      const http = context.switchToHttp();
      this.countOnlyRefusal(
        http.getResponse<HttpReply>(),
        this.limits.keyOfRoute(http.getRequest<HttpRequest>(), limit),
      );
    }
    return isAllowed;
  }

  protected override shouldSkip(context: ExecutionContext): Promise<boolean> {
    return Promise.resolve(this.limits.isExempt(context));
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

  /** It was counted before its work, so that a hundred at once are not all let through; a good one is given back. */
  private countOnlyRefusal(reply: HttpReply, key: string): void {
    reply.raw.once('close', () => {
      // Who hangs up before he is told may have been refused.
      if (reply.raw.writableFinished && reply.raw.statusCode !== REFUSED) this.counter.giveBack(key);
    });
  }
}
