/** The first wait; each further one is twice as long, up to the longest. */
const FIRST_MS = 1_000;
const LONGEST_MS = 8_000;
/** A crowd that failed together does not come back together. */
const JITTER = 0.2;

/** What is slept where the run is; longer waits give the place back. */
export const LONGEST_SLEEP_MS = 10_000;

/** How long to wait before try n + 1, never less than the other side asked for. `random` is from 0 to 1. */
export function retryDelayMs(retry: number, random: number, retryAfterMs = 0): number {
  const plain = Math.min(FIRST_MS * 2 ** (retry - 1), LONGEST_MS);
  return Math.max(Math.round(plain * (1 + JITTER * (2 * random - 1))), retryAfterMs);
}
