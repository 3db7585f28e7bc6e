export interface HealthLimits {
  /** Between two checks of what is well. */
  readonly calmMs: number;
  /** Between two checks of what is not, so that its return is noticed soon. */
  readonly troubledMs: number;
  /** Between two checks of what has not been up yet: it usually comes with the process. */
  readonly startingMs: number;
  readonly checkTimeoutMs: number;
  /** Failures in a row until a component counts as down. */
  readonly failuresUntilDown: number;
  /** Successes in a row until one that was down counts as up. */
  readonly successesUntilUp: number;
}

/**
 * Red within 15 s even when a store swallows every question: 4 s of calm, then three times 2 s without an answer with
 * two pauses of 2 s between make 14. Green again within 10 s of its return: one swallowed question, two pauses, two
 * answers.
 */
export const HEALTH_LIMITS: HealthLimits = {
  calmMs: 4_000,
  troubledMs: 2_000,
  startingMs: 250,
  checkTimeoutMs: 2_000,
  failuresUntilDown: 3,
  successesUntilUp: 2,
};
