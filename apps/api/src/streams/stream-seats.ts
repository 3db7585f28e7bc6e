import { Injectable } from '@nestjs/common';
import { StreamEnv } from '@flowmate/config';
import { TIER_LIMITS, type Principal } from '@flowmate/domain';
import { Metrics } from '@flowmate/observability';
import { StreamCapacityError, StreamLimitError } from './streams.errors.js';

/** How many streams this process serves, in all and to each person. */
@Injectable()
export class StreamSeats {
  private readonly ofUsers = new Map<string, number>();
  private taken = 0;

  constructor(
    private readonly settings: StreamEnv,
    metrics: Metrics,
  ) {
    metrics.gauge('flowmate_streams_open', 'Live streams that this process serves.', () => this.taken);
  }

  /** Throws where there is none; answers how to give it back, once. */
  take({ userId, tier }: Principal): () => void {
    const mine = this.ofUsers.get(userId) ?? 0;
    if (mine >= (TIER_LIMITS[tier].streams ?? Infinity)) throw new StreamLimitError();
    if (this.taken >= this.settings.maxConnections) throw new StreamCapacityError();
    this.taken += 1;
    this.ofUsers.set(userId, mine + 1);
    let isTaken = true;
    return () => {
      if (!isTaken) return;
      isTaken = false;
      this.taken -= 1;
      const left = (this.ofUsers.get(userId) ?? 1) - 1;
      if (left === 0) this.ofUsers.delete(userId);
      else this.ofUsers.set(userId, left);
    };
  }
}
