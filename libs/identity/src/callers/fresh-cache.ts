/**
 * What was read a moment ago: for each key at most one read in `freshMs`, shared by all who ask at once, and a bound
 * on how much is kept. Its age counts from the moment the reading began, so nothing older than `freshMs` is ever used.
 */
export class FreshCache<Value> {
  private readonly entries = new Map<string, { readonly at: number; readonly value: Promise<Value> }>();

  constructor(private readonly options: { freshMs: number; maxEntries: number; monotonic?: () => number }) {}

  get(key: string, read: () => Promise<Value>): Promise<Value> {
    const now = this.now();
    const known = this.entries.get(key);
    if (known && now - known.at < this.options.freshMs) return known.value;
    const value = read();
    this.put(key, { at: now, value });
    // A read that failed is nobody's answer but its own callers'.
    value.catch(() => this.entries.get(key)?.value === value && this.entries.delete(key));
    return value;
  }

  has(key: string): boolean {
    const known = this.entries.get(key);
    return known !== undefined && this.now() - known.at < this.options.freshMs;
  }

  forget(key: string): void {
    this.entries.delete(key);
  }

  private put(key: string, entry: { at: number; value: Promise<Value> }): void {
    this.entries.delete(key);
    this.entries.set(key, entry);
    if (this.entries.size <= this.options.maxEntries) return;
    // A Map keeps the order of arrival: the first is the oldest.
    const [oldest] = this.entries.keys();
    if (oldest !== undefined) this.entries.delete(oldest);
  }

  private now(): number {
    return this.options.monotonic?.() ?? performance.now();
  }
}
