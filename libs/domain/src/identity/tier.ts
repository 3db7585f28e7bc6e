export const TIERS = ['free', 'pro', 'team', 'unlimited'] as const;
export type Tier = (typeof TIERS)[number];

export interface TierLimits {
  /** `null`: no cap. */
  readonly requestsPerMinute: number | null;
  readonly agents: number | null;
  /** Of the workspace; what comes on top waits. */
  readonly runsAtOnce: number | null;
  /** Runs that wait for their turn. */
  readonly backlog: number | null;
  readonly runsPerDay: number | null;
  /** Live streams of a person. */
  readonly streams: number | null;
}

/** What a workspace may use. `unlimited` is set by an admin only, for benchmarks. */
export const TIER_LIMITS: Readonly<Record<Tier, TierLimits>> = {
  free: { requestsPerMinute: 60, agents: 100, runsAtOnce: 10, backlog: 1_000, runsPerDay: 1_000, streams: 5 },
  pro: { requestsPerMinute: 600, agents: 500, runsAtOnce: 50, backlog: 10_000, runsPerDay: 20_000, streams: 50 },
  team: {
    requestsPerMinute: 3_000,
    agents: 5_000,
    runsAtOnce: 500,
    backlog: 100_000,
    runsPerDay: null,
    streams: 500,
  },
  unlimited: {
    requestsPerMinute: null,
    agents: null,
    runsAtOnce: null,
    backlog: null,
    runsPerDay: null,
    streams: null,
  },
};
