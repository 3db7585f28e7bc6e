import { Module, type ExecutionContext } from '@nestjs/common';
import { ThrottlerModule, type ThrottlerOptions } from '@nestjs/throttler';
import type { HttpRequest } from '../http/http.types.js';
import { BlockedAddresses } from './blocked-addresses.js';
import { LimitCounter, ROUTE_THROTTLER } from './limit-counter.js';
import { LimitsOfRequest } from './limits-of-request.js';
import { UnroutedLimit } from './unrouted-limit.js';

const requestOf = (context: ExecutionContext): HttpRequest => context.switchToHttp().getRequest<HttpRequest>();

/** The operation's own limit first: who has used that up uses up nothing else by asking again. */
function throttlers(limits: LimitsOfRequest): ThrottlerOptions[] {
  return [
    {
      name: ROUTE_THROTTLER,
      skipIf: (context) => limits.ofRoute(context) === undefined,
      limit: (context) => limits.ofRoute(context)?.max ?? 0,
      ttl: (context) => limits.ofRoute(context)?.windowMs ?? 0,
      blockDuration: 0,
      getTracker: (_, context) => {
        const limit = limits.ofRoute(context);
        return limit ? limits.keyOfRoute(requestOf(context), limit) : '';
      },
      generateKey: (_, tracker) => tracker,
      setHeaders: false,
    },
    {
      name: 'default',
      skipIf: (context) => limits.ofCaller(requestOf(context)) === undefined,
      limit: (context) => limits.ofCaller(requestOf(context))?.max ?? 0,
      ttl: (context) => limits.ofCaller(requestOf(context))?.windowMs ?? 0,
      blockDuration: 0,
      getTracker: (_, context) => limits.keyOfCaller(requestOf(context)),
      generateKey: (_, tracker) => tracker,
    },
  ];
}

@Module({ providers: [LimitsOfRequest, LimitCounter], exports: [LimitsOfRequest, LimitCounter] })
class LimitsModule {}

@Module({
  imports: [
    LimitsModule,
    ThrottlerModule.forRootAsync({
      imports: [LimitsModule],
      inject: [LimitsOfRequest, LimitCounter],
      useFactory: (limits: LimitsOfRequest, storage: LimitCounter) => ({ throttlers: throttlers(limits), storage }),
    }),
  ],
  providers: [BlockedAddresses, UnroutedLimit],
  exports: [LimitsModule, BlockedAddresses],
})
export class RateLimitModule {}
