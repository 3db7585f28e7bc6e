import type { LogLevel } from './log-level.js';

export interface Repeated {
  readonly level: LogLevel | 'fatal';
  readonly message: string;
  readonly count: number;
}

/** Enough to see what is going on; a person reads no more than this in a second. */
const LINES_PER_SECOND = 20;
const WINDOW_MS = 1_000;
/** Messages are literals, so this many kinds in one second means that somebody built them from input. */
const MAX_KEYS = 500;
const OVERFLOW = 'other messages';

/**
 * Lets the first lines of each kind through in every second and counts the rest, so that a flood of
 * failures costs neither the disk nor the event loop.
 */
export class LogSampler {
  private readonly seen = new Map<string, { level: LogLevel | 'fatal'; message: string; count: number }>();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly report: (repeated: Repeated) => void) {}

  admits(level: LogLevel | 'fatal', message: string, kind: string): boolean {
    const key = `${level} ${message} ${kind}`;
    const known = this.seen.get(key) ?? this.start(key, level, message);
    known.count += 1;
    return known.count <= LINES_PER_SECOND;
  }

  /** Reports what was held back so far and starts a new window. */
  roll(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const held = [...this.seen.values()].filter(({ count }) => count > LINES_PER_SECOND);
    this.seen.clear();
    for (const { level, message, count } of held) this.report({ level, message, count: count - LINES_PER_SECOND });
  }

  private start(key: string, level: LogLevel | 'fatal', message: string): { count: number } {
    this.timer ??= setTimeout(() => this.roll(), WINDOW_MS).unref();
    if (this.seen.size < MAX_KEYS) {
      const entry = { level, message, count: 0 };
      this.seen.set(key, entry);
      return entry;
    }
    const overflow = this.seen.get(OVERFLOW) ?? { level: 'warn' as const, message: OVERFLOW, count: 0 };
    this.seen.set(OVERFLOW, overflow);
    return overflow;
  }
}
