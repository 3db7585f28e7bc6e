export interface Limits {
  readonly probeEveryMs: number;
  readonly silenceMs: number;
  readonly readyMs: number;
  readonly stopMs: number;
  readonly crashWindowMs: number;
  readonly maxCrashes: number;
  readonly backoffMs: number;
}

export const LIMITS: Limits = {
  /** Often enough that silence is noticed soon after its limit. */
  probeEveryMs: 2_000,
  /** Longer than any snapshot or command should take; an endless script never answers. */
  silenceMs: 10_000,
  /** A start takes less than a second; loading a large file on a slow disk much longer. */
  readyMs: 60_000,
  /** Both at once, and done before `npm start` (its `baseMs`), Docker and people lose patience. */
  stopMs: 8_000,
  /** Five crashes within a minute are no accident. */
  crashWindowMs: 60_000,
  maxCrashes: 5,
  /** The first restart comes at once, the next after this, then twice this, and so on. */
  backoffMs: 250,
};
