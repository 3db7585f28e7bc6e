import { Injectable } from '@nestjs/common';
import type { HttpRequest } from '../http/http.types.js';
import { LimitCounter } from './limit-counter.js';
import { addressKey } from './limits-of-request.js';

/** Addresses that have used up what they may ask without signing in. */
@Injectable()
export class BlockedAddresses {
  constructor(private readonly counter: LimitCounter) {}

  /**
   * Whether credentials from there that this process does not know yet should not even be looked up: a flood of made-up
   * keys then costs no store anything. The request is refused by the limits if nobody says who sent it.
   */
  isBlocked(request: HttpRequest): boolean {
    return this.counter.isRefused(addressKey(request));
  }
}
