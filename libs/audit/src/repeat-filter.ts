import { countedAddress, type AuditEntry } from '@flowmate/domain';

/** Once an hour tells who uses a key or knocks at a door, and a million knocks are 24 entries a day. */
const QUIET_MS = 3_600_000;
/** Some 3 MB. Beyond it the oldest are forgotten, so an entry may come twice in an hour; none is lost. */
const MAX_KEYS = 10_000;
/** Whatever a caller may put into them, the keys stay small. */
const MAX_PART_LENGTH = 100;

/** Remembers what was said lately. */
export class RepeatFilter {
  private readonly said = new Map<string, { readonly at: number; leftOut: number }>();

  static keyOf({ trail, action, actor, target, outcome, from }: AuditEntry): string {
    // As limits count them: whoever has a network of IPv6 has more addresses than there are entries.
    const address = countedAddress(from?.address ?? '') ?? from?.address;
    const parts = [trail, action, outcome, actor.kind, actor.id, target?.kind, target?.id, address];
    return JSON.stringify(parts.map((part) => part?.slice(0, MAX_PART_LENGTH) ?? null));
  }

  /** Answers how many were left out since the last one, or `undefined` when this one is left out too. */
  admit(key: string, now: number): number | undefined {
    const last = this.said.get(key);
    if (last && now - last.at < QUIET_MS) {
      last.leftOut += 1;
      return undefined;
    }
    // Insertion order is age: what is said again goes to the end.
    this.said.delete(key);
    const [oldest] = this.said.size >= MAX_KEYS ? this.said.keys() : [];
    if (oldest !== undefined) this.said.delete(oldest);
    this.said.set(key, { at: now, leftOut: 0 });
    return last?.leftOut ?? 0;
  }

  forget(key: string): void {
    this.said.delete(key);
  }
}
