import { FromEnv } from '../setting.js';
import { duration, integer, text } from '../setting-kinds.js';
import { Max, Min } from '../validators.js';

/** How a worker keeps its right to its runs. What is here belongs together: change all of it, or nothing. */
export class EngineEnv {
  static readonly title = 'Run engine';

  static rules(env: EngineEnv, production: boolean): Array<{ name: string; rule: string }> {
    const hasRoom = env.goneMs >= MIN_BEATS * env.beatMs;
    return [
      ...(hasRoom ? [] : [{ name: 'WORKER_GONE_MS', rule: `must be at least ${MIN_BEATS} times WORKER_BEAT_MS` }]),
      ...(production && env.crashPoint !== undefined
        ? [{ name: 'CRASH_POINT', rule: 'is for tests and must not be set in production' }]
        : []),
    ];
  }

  @FromEnv('WORKER_CONCURRENCY', {
    kind: integer,
    doc: 'How many runs one worker has at once. A tenth of them is kept for workspaces that have none.',
    default: 100,
  })
  @Min(1)
  @Max(10_000)
  concurrency: number;

  @FromEnv('WORKER_BEAT_MS', {
    kind: duration,
    doc: 'How often a worker tells the database that it is alive.',
    default: 3_000,
  })
  @Min(100)
  @Max(60_000)
  beatMs: number;

  @FromEnv('WORKER_GONE_MS', {
    kind: duration,
    doc: 'A worker that was silent for so long has lost its runs. It sends nothing after six tenths of it. The same for all workers.',
    default: 10_000,
  })
  @Min(500)
  @Max(600_000)
  goneMs: number;

  @FromEnv('RECONCILE_MS', {
    kind: duration,
    doc: 'How often is looked for runs that are due, were lost or may begin.',
    default: 5_000,
  })
  @Min(100)
  @Max(60_000)
  reconcileMs: number;

  @FromEnv('CRASH_POINT', {
    kind: text,
    doc: 'For tests: `name:n` kills the worker at the nth passing of a place. Production refuses it.',
  })
  crashPoint: string | undefined;
}

/** One that is lost on the way must not cost a worker its runs. */
const MIN_BEATS = 3;
