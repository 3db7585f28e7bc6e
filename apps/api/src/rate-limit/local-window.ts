import type { WindowAnswer, WindowedLimit } from '@flowmate/redis';
import { RecentKeys } from './recent-keys.js';

/** So finely time is cut: a request counts for at most a tenth of the window longer than it should. */
const SLOTS = 10;
/** A slot may have begun before the window did: then it counts as a whole. */
const KEPT = SLOTS + 1;
/** At some 150 bytes each, under 10 MB. */
const MAX_KEYS = 50_000;

interface Counted {
  readonly windowMs: number;
  newest: number;
  total: number;
  /** How many requests each slot had, at the slot's number modulo {@link KEPT}. */
  readonly slots: number[];
}

/**
 * Counts in this process alone, for while Redis cannot be asked. In no stretch of time as long as the window does it
 * allow more than the limit.
 */
export class LocalWindow {
  private readonly keys: RecentKeys<Counted>;

  constructor(
    private readonly now: () => number = () => performance.now(),
    maxKeys = MAX_KEYS,
  ) {
    this.keys = new RecentKeys(maxKeys);
  }

  take({ key, limit, windowMs }: WindowedLimit): WindowAnswer {
    const slotMs = windowMs / SLOTS;
    const now = this.now();
    const slot = Math.floor(now / slotMs);
    const counted = this.advance(key, windowMs, slot);
    const isAllowed = counted.total < limit;
    if (isAllowed) {
      counted.slots[slot % KEPT] = (counted.slots[slot % KEPT] ?? 0) + 1;
      counted.total += 1;
    }
    const oldest = Array.from({ length: KEPT }, (_, age) => slot - SLOTS + age).find((at) => counted.slots[at % KEPT]);
    const freeInMs = Math.max(1, Math.ceil(((oldest ?? slot) + KEPT) * slotMs - now));
    return { isAllowed, remaining: Math.max(0, limit - counted.total), freeInMs };
  }

  giveBack(key: string): void {
    const counted = this.keys.get(key);
    if (!counted) return;
    const last = Array.from({ length: KEPT }, (_, age) => counted.newest - age).find((at) => counted.slots[at % KEPT]);
    if (last === undefined) return;
    counted.slots[last % KEPT] = (counted.slots[last % KEPT] ?? 1) - 1;
    counted.total -= 1;
  }

  /** The counts of a key, without the slots that time has left behind. */
  private advance(key: string, windowMs: number, slot: number): Counted {
    const before = this.keys.get(key);
    const counted =
      before?.windowMs === windowMs
        ? before
        : { windowMs, newest: slot, total: 0, slots: Array.from({ length: KEPT }, () => 0) };
    for (let at = Math.max(counted.newest + 1, slot - SLOTS); at <= slot; at += 1) {
      counted.total -= counted.slots[at % KEPT] ?? 0;
      counted.slots[at % KEPT] = 0;
    }
    counted.newest = slot;
    this.keys.set(key, counted);
    return counted;
  }
}
