export const TIERS = ['free', 'pro', 'team', 'unlimited'] as const;
export type Tier = (typeof TIERS)[number];

export interface TierLimits {
  /** `null`: no cap. */
  readonly requestsPerMinute: number | null;
}

/** What a workspace may use. `unlimited` is set by an admin only, for benchmarks. */
export const TIER_LIMITS: Readonly<Record<Tier, TierLimits>> = {
  free: { requestsPerMinute: 60 },
  pro: { requestsPerMinute: 600 },
  team: { requestsPerMinute: 3_000 },
  unlimited: { requestsPerMinute: null },
};
