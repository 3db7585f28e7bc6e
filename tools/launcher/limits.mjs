/** EX_CONFIG of sysexits.h: the settings are wrong, and starting again cannot help. */
export const MISCONFIGURED = 78;

export const LIMITS = {
  /** All of it together, from the wish to the last process: what Docker and people wait for. */
  stopMs: 10_000,
  /** Head start of one process before the next is asked too, so that the worker keeps 8 s of the ten. */
  nextMs: 2_000,
  /** The stores write what they hold and end; a server of theirs that hangs is killed after eight seconds. */
  baseMs: 10_000,
  /** A reload throws open requests away, so that it stays within its three seconds. */
  replaceMs: 500,
  /** Three crashes within a minute are no accident. */
  crashWindowMs: 60_000,
  maxCrashes: 3,
  /** Doubles with every crash in the window. */
  backoffMs: 500,
  /** A start takes about a second; after this it deserves a word. */
  slowMs: 30_000,
};
