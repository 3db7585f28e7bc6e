/** More label values than this make a metric useless and its store slow. */
const MAX_SERIES = 1_000;
const OTHER = 'other';

/**
 * Hands out the label sets of one metric, each made once, and at most {@link MAX_SERIES} of them. Later
 * ones share a set in which every label says `other`, so that input can never make a metric grow for ever.
 */
export class SeriesGuard<Label extends string> {
  private readonly known = new Map<string, Record<Label, string>>();
  private readonly overflow: Record<Label, string>;

  constructor(
    private readonly names: readonly Label[],
    private readonly onOverflow: () => void,
  ) {
    this.overflow = this.toLabels(names.map(() => OTHER));
  }

  labels(values: readonly string[]): Record<Label, string> {
    const key = values.join('\n');
    const known = this.known.get(key);
    if (known) return known;
    if (this.known.size >= MAX_SERIES - 1) {
      this.onOverflow();
      return this.overflow;
    }
    const made = this.toLabels(values);
    this.known.set(key, made);
    return made;
  }

  private toLabels(values: readonly string[]): Record<Label, string> {
    return Object.fromEntries(this.names.map((name, index) => [name, values[index] ?? ''])) as Record<Label, string>;
  }
}
