import { Module } from '@nestjs/common';
import { ThrottlerModule } from '@nestjs/throttler';
import { Addressees } from './addressees.js';
import { BlockedAddresses } from './blocked-addresses.js';
import { LimitCounter } from './limit-counter.js';
import { LimitsOfRequest } from './limits-of-request.js';
import { THROTTLERS } from './rate-limit.guard.js';
import { UnroutedLimit } from './unrouted-limit.js';

@Module({ providers: [LimitsOfRequest, LimitCounter], exports: [LimitsOfRequest, LimitCounter] })
class LimitsModule {}

@Module({
  imports: [
    LimitsModule,
    ThrottlerModule.forRootAsync({
      imports: [LimitsModule],
      inject: [LimitCounter],
      useFactory: (storage: LimitCounter) => ({ throttlers: [...THROTTLERS], storage }),
    }),
  ],
  providers: [Addressees, BlockedAddresses, UnroutedLimit],
  exports: [LimitsModule, Addressees, BlockedAddresses],
})
export class RateLimitModule {}
