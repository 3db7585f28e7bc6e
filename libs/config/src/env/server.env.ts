import { IsOrigin, IsTrustedProxies, Max, Min } from '../validators.js';
import { FromEnv } from '../setting.js';
import { boolean, duration, integer, list } from '../setting-kinds.js';

/** Ports are 16 bits; 0 lets the system choose. */
const MAX_PORT = 65_535;
const DAY_MS = 86_400_000;
/** Half of it is for the headers, less the half second between two looks of the server: below this nothing is left. */
const MIN_READ_MS = 2_000;

export class ServerEnv {
  static readonly title = 'HTTP server (api)';

  @FromEnv('PORT', {
    kind: integer,
    doc: 'Port of the API. 0 takes any free one.',
    default: 9000,
    aliases: ['SERVER_PORT'],
  })
  @Max(MAX_PORT)
  port: number;

  @FromEnv('SERVER_READ_TIMEOUT', {
    kind: duration,
    doc: 'A request that has not arrived whole by then is answered 408. Its headers get half of it, at most 15s.',
    default: 30_000,
  })
  @Min(MIN_READ_MS)
  @Max(DAY_MS)
  readTimeoutMs: number;

  @FromEnv('SERVER_WRITE_TIMEOUT', {
    kind: duration,
    doc: 'A connection on which nothing moves for that long is closed.',
    default: 30_000,
  })
  @Min(100)
  @Max(DAY_MS)
  writeTimeoutMs: number;

  @FromEnv('SERVER_SHUTDOWN_TIMEOUT', {
    kind: duration,
    doc: 'How long requests in flight may take to finish after SIGTERM.',
    default: 10_000,
  })
  @Min(100)
  @Max(DAY_MS)
  shutdownTimeoutMs: number;

  @FromEnv('ALLOWED_ORIGINS', {
    kind: list,
    doc: 'Origins whose pages may call the API with credentials, comma-separated and exact. `*` and patterns are refused.',
    default: [],
    example: 'https://app.example.com',
  })
  @IsOrigin({ each: true })
  allowedOrigins: readonly string[];

  @FromEnv('TRUST_PROXY', {
    kind: list,
    doc: 'The reverse proxies whose `X-Forwarded-For` is believed: how many stand in front (the port must then be closed to everybody else), or their addresses and ranges. Without it the caller is whoever opened the connection.',
    default: [],
    example: '10.0.0.0/8',
  })
  @IsTrustedProxies()
  trustedProxies: readonly string[];

  @FromEnv('API_DOCS', {
    kind: boolean,
    doc: 'Serves Swagger UI at /api/docs and the OpenAPI document at /api/docs-json.',
    default: (production) => !production,
    defaultDoc: 'true, in production false',
  })
  apiDocs: boolean;

  /** How many proxies stand in front, when they are counted and not named. */
  get trustedHops(): number | undefined {
    const [only = ''] = this.trustedProxies;
    return /^\d+$/.test(only) ? Number(only) : undefined;
  }
}
