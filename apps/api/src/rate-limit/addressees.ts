import { tokenHash } from '@flowmate/crypto';
import type { Principal } from '@flowmate/domain';
import { Injectable } from '@nestjs/common';
import { LimitCounter } from './limit-counter.js';
import { RateLimitedError } from './rate-limit.errors.js';

/** Enough for a mistake in the role and a mail that got lost; more is a nuisance. */
const MAX_MAILS = 5;
const HOUR_MS = 3_600_000;

/** Nobody fills somebody else's mailbox with our mails. Each sender counts alone, so that nobody keeps another from writing. */
@Injectable()
export class Addressees {
  constructor(private readonly counter: LimitCounter) {}

  async require({ userId }: Principal, email: string): Promise<void> {
    const key = `addressee:${userId}:${tokenHash(email)}`;
    const { isAllowed, freeInMs } = await this.counter.count({ key, limit: MAX_MAILS, windowMs: HOUR_MS }, true);
    if (!isAllowed) throw new RateLimitedError(freeInMs);
  }
}
