import { FromEnv } from '../setting.js';
import { duration, integer } from '../setting-kinds.js';
import { Max, Min } from '../validators.js';

/** Proxies commonly close what is silent for a minute. */
const LONGEST_SILENCE_MS = 55_000;

export class StreamEnv {
  static readonly title = 'Live streams (api)';

  @FromEnv('SSE_MAX_CONNECTIONS', {
    kind: integer,
    doc: 'How many live streams one api process serves at once; above it they are refused with 503.',
    default: 1_000,
  })
  @Min(1)
  @Max(100_000)
  maxConnections: number;

  @FromEnv('SSE_HEARTBEAT_INTERVAL', {
    kind: duration,
    doc: 'How often a live stream shows that it is alive. Also how often it is looked whether its reader still may read.',
    default: 30_000,
  })
  @Min(100)
  @Max(LONGEST_SILENCE_MS)
  heartbeatMs: number;
}
