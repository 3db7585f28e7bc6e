import type { CountingMetric, Metrics, ObservingMetric } from '@flowmate/observability';

/** Commands that this library and BullMQ send; what else there may be is counted as `other`. */
const COMMANDS = new Set(
  [
    'ping info hello auth select client quit config script eval evalsha multi exec bzpopmin',
    'get set del incr expire pexpire pttl hget hset hgetall hmget llen lrange zadd zrange zcard',
    'publish subscribe unsubscribe xadd xtrim scan',
  ].flatMap((names) => names.split(' ')),
);
const OTHER = 'other';
/** How long these take says how long there was no work. */
const WAITING = new Set(['bzpopmin']);

/** From a tenth of a millisecond, which Redis takes on the same machine, past the two seconds of a command. */
const BUCKETS_SECONDS = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

/** Counts and times each command of all connections of a process. Labels come from closed sets. */
export class CommandMetrics {
  private readonly operations: CountingMetric;
  private readonly durations: ObservingMetric;

  constructor(metrics: Metrics) {
    this.operations = metrics.counter({
      name: 'flowmate_redis_operations_total',
      help: 'Commands sent to Redis, by what became of them.',
      labels: ['command', 'outcome'],
    });
    this.durations = metrics.histogram({
      name: 'flowmate_redis_operation_duration_seconds',
      help: 'Time from sending a command to Redis to its answer.',
      labels: ['command'],
      buckets: BUCKETS_SECONDS,
    });
  }

  finished(commandName: string, outcome: 'ok' | 'failed', durationMs: number): void {
    const name = commandName.toLowerCase();
    const command = COMMANDS.has(name) ? name : OTHER;
    this.operations.inc([command, outcome]);
    if (!WAITING.has(name)) this.durations.observe(durationMs / 1_000, [command]);
  }
}
