interface Count {
  readonly at: number;
  readonly base: Promise<number>;
  added: number;
}

/** A workspace takes some 100 bytes. */
const MAX_KEPT = 10_000;

/** Counts that are read now and then, and counted on in between. */
export class RecentCounts {
  private readonly counts = new Map<string, Count>();

  constructor(
    private readonly freshMs: number,
    private readonly read: (key: string, max: number) => Promise<number>,
  ) {}

  /** At most `max`. One that says that there is no more room is read again when it is older than `recountMs`. */
  async get(key: string, max: number, recountMs = this.freshMs): Promise<number> {
    const known = await this.known(key, max, this.freshMs);
    return known < max ? known : this.known(key, max, recountMs);
  }

  add(key: string): void {
    const count = this.counts.get(key);
    if (count) count.added += 1;
  }

  private async known(key: string, max: number, freshMs: number): Promise<number> {
    const now = performance.now();
    let count = this.counts.get(key);
    if (!count || now - count.at >= freshMs) {
      count = { at: now, base: this.read(key, max), added: 0 };
      this.keep(key, count);
    }
    try {
      return Math.min(max, (await count.base) + count.added);
    } catch (error) {
      this.counts.delete(key);
      throw error;
    }
  }

  private keep(key: string, count: Count): void {
    this.counts.delete(key);
    this.counts.set(key, count);
    if (this.counts.size <= MAX_KEPT) return;
    // A Map keeps the order of arrival: the first is the oldest.
    const [oldest] = this.counts.keys();
    if (oldest !== undefined) this.counts.delete(oldest);
  }
}
