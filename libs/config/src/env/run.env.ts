import { FromEnv } from '../setting.js';
import { duration, integer } from '../setting-kinds.js';
import { Max, Min } from '../validators.js';

/** A day: what an agent does for longer is a workflow. */
const LONGEST_RUN_MS = 86_400_000;
/** Ten years. */
const MAX_DAYS = 3_650;

export class RunEnv {
  static readonly title = 'Runs';

  @FromEnv('AGENT_TIMEOUT_MS', {
    kind: duration,
    doc: 'How long a run may be at work when neither it nor its agent says otherwise. Waiting does not count.',
    default: 30_000,
  })
  @Min(1_000)
  @Max(LONGEST_RUN_MS)
  timeoutMs: number;

  @FromEnv('AGENT_MAX_RETRIES', {
    kind: integer,
    doc: 'How often a model or tool call that failed in a way that may pass is tried again.',
    default: 3,
  })
  @Max(10)
  maxRetries: number;

  @FromEnv('BACKLOG_MAX', {
    kind: integer,
    doc: 'How many runs of the whole instance may wait to be begun; above it new ones are refused with 503.',
    default: 200_000,
  })
  @Min(1)
  @Max(10_000_000)
  backlogMax: number;

  @FromEnv('RUN_RETENTION_DAYS', {
    kind: integer,
    doc: 'How many days a run and its journal are kept after it has ended.',
    default: 90,
  })
  @Min(1)
  @Max(MAX_DAYS)
  retentionDays: number;
}
