/** How fast leases, locks and looks follow one another. */
export interface Profile {
  readonly name: 'T' | 'P';
  readonly variables: Readonly<Record<string, string>>;
  readonly goneMs: number;
  readonly reconcileMs: number;
  /** Of the bells: how long one that was taken belongs to its worker, and how often that is looked at. */
  readonly lock: { readonly lockMs: number; readonly stalledMs: number } | undefined;
  /** Until everything that was begun has to be where it stays, after the last fault. */
  readonly settleMs: number;
  /** From a kill to the next worker, at most. */
  readonly resumeMs: number;
}

/** `T` is for many faults in a short time; `P` is what production runs with. */
export const PROFILES: Readonly<Record<'T' | 'P', Profile>> = {
  T: {
    name: 'T',
    variables: { WORKER_BEAT_MS: '500', WORKER_GONE_MS: '3000', RECONCILE_MS: '1000' },
    goneMs: 3_000,
    reconcileMs: 1_000,
    lock: { lockMs: 2_000, stalledMs: 1_000 },
    settleMs: 30_000,
    resumeMs: 5_000,
  },
  P: {
    name: 'P',
    variables: {},
    goneMs: 10_000,
    reconcileMs: 5_000,
    lock: undefined,
    settleMs: 60_000,
    resumeMs: 20_000,
  },
};
