/** How long one request may take and how much of its answer is read. */
export interface CallLimits {
  /** From the request's last byte to the answer's head. */
  readonly headersMs: number;
  /** Between two pieces of the answer's body. */
  readonly idleMs: number;
  /** From the call to the last byte read, waiting for a connection included. */
  readonly totalMs: number;
  /** Counted as received; nothing is inflated. */
  readonly maxResponseBytes: number;
}

export interface EgressLimits extends CallLimits {
  /** Name resolution, TCP and TLS together. */
  readonly connectMs: number;
}

/** 5 s to connect and 15 s of silence are the product's rule for outgoing calls; 30 s is its default agent timeout. */
export const DEFAULT_LIMITS: EgressLimits = {
  connectMs: 5_000,
  headersMs: 15_000,
  idleMs: 15_000,
  totalMs: 30_000,
  // Above any answer the built-in tools ask for; 50 runs at once still fit a worker's memory.
  maxResponseBytes: 8 * 1_024 * 1_024,
};

/** Node's timers fire at once beyond this (2^31 - 1 ms). */
const MAX_LIMIT = 2_147_483_647;

/** Fills in what is not given. A limit that is no positive whole number is a programming error. */
export function withLimits<T extends CallLimits>(defaults: T, given: Partial<T> = {}): T {
  const limits: T = { ...defaults };
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) continue;
    if (!Number.isInteger(value) || Number(value) < 1 || Number(value) > MAX_LIMIT) {
      throw new RangeError(`The limit ${name} must be a positive whole number.`);
    }
    Object.assign(limits, { [name]: value });
  }
  return limits;
}
