import { FromEnv } from '../setting.js';
import { duration, integer, list } from '../setting-kinds.js';
import { IsRouteLimits, Max, Min, ROUTE_LIMIT_PATTERN } from '../validators.js';

/** Each request of a window is an entry in Redis until it leaves the window. */
const MAX_REQUESTS = 1_000_000;
const DAY_MS = 86_400_000;
/** More processes than one Redis and one MongoDB serve. */
const MAX_REPLICAS = 1_000;

export interface TunedLimit {
  readonly max: number;
  readonly windowMs: number;
}

export class RateLimitEnv {
  static readonly title = 'Rate limits (api)';

  @FromEnv('RATE_LIMIT_WINDOW_MS', {
    kind: duration,
    doc: 'The sliding window in which requests of a caller who is not signed in are counted, by address.',
    default: 900_000,
    aliasInSeconds: 'RATE_LIMIT_WINDOW_SECONDS',
  })
  @Min(1_000)
  @Max(DAY_MS)
  windowMs: number;

  @FromEnv('RATE_LIMIT_MAX_REQUESTS', {
    kind: integer,
    doc: 'How many requests one address may send in the window without signing in. Signed-in callers have the limit of their tier.',
    default: 100,
  })
  @Min(1)
  @Max(MAX_REQUESTS)
  maxRequests: number;

  @FromEnv('RATE_LIMIT_ROUTES', {
    kind: list,
    doc: 'Other limits for single operations, comma-separated, each `name=requests/window`. The names are under `x-rate-limit` in the OpenAPI document.',
    default: [],
    example: 'auth-request=20/10m',
  })
  @IsRouteLimits()
  routes: readonly string[];

  @FromEnv('API_REPLICAS', {
    kind: integer,
    doc: 'How many api processes share the limits. While Redis is down each of them allows its part only.',
    default: 1,
  })
  @Min(1)
  @Max(MAX_REPLICAS)
  replicas: number;

  /** The limits of {@link routes} by name. */
  tuned(): ReadonlyMap<string, TunedLimit> {
    return new Map(
      this.routes.map((text) => {
        const [, name = '', max, window = ''] = ROUTE_LIMIT_PATTERN.exec(text) ?? [];
        return [name, { max: Number(max), windowMs: duration.parse(window) ?? 0 }] as const;
      }),
    );
  }
}
