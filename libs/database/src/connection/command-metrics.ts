import type { CountingMetric, Metrics, ObservingMetric } from '@flowmate/observability';
import type { mongo } from 'mongoose';

/** Commands that repositories and migrations send; the driver's own housekeeping is counted as `other`. */
const COMMANDS = new Set(
  `find getMore aggregate count distinct insert update delete findAndModify
   createIndexes dropIndexes listIndexes create drop collMod hello ping`.split(/\s+/),
);
const OTHER = 'other';

/** From half a millisecond, which a cached read takes, past the two seconds after which an operation is given up. */
const BUCKETS_SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** Counts and times each command that one client sends, and its connections. Labels come from closed sets. */
export class CommandMetrics {
  private readonly operations: CountingMetric;
  private readonly durations: ObservingMetric;
  /** Which collection a command under way is about: only its start says so. */
  private readonly underWay = new Map<number, string>();
  private open = 0;
  private inUse = 0;

  constructor(
    metrics: Metrics,
    private readonly collections: ReadonlySet<string>,
  ) {
    this.operations = metrics.counter({
      name: 'flowmate_mongodb_operations_total',
      help: 'Commands sent to MongoDB, by what became of them.',
      labels: ['collection', 'command', 'outcome'],
    });
    this.durations = metrics.histogram({
      name: 'flowmate_mongodb_operation_duration_seconds',
      help: 'Time from sending a command to MongoDB to its answer.',
      labels: ['collection', 'command'],
      buckets: BUCKETS_SECONDS,
    });
    metrics.gauge('flowmate_mongodb_connections', 'Connections to MongoDB that are open.', () => this.open);
    metrics.gauge('flowmate_mongodb_connections_in_use', 'Connections to MongoDB with a command on them.', () =>
      Math.max(0, this.inUse),
    );
  }

  watch(client: mongo.MongoClient): void {
    client.on('commandStarted', ({ requestId, commandName, command }) =>
      this.underWay.set(requestId, this.collectionOf(commandName, command)),
    );
    client.on('commandSucceeded', (event) => this.finished(event, 'ok'));
    client.on('commandFailed', (event) => this.finished(event, 'failed'));
    client.on('connectionCreated', () => (this.open += 1));
    client.on('connectionClosed', () => (this.open -= 1));
    client.on('connectionCheckedOut', () => (this.inUse += 1));
    client.on('connectionCheckedIn', () => (this.inUse -= 1));
  }

  private collectionOf(commandName: string, command: mongo.Document): string {
    const name: unknown = commandName === 'getMore' ? command['collection'] : command[commandName];
    return typeof name === 'string' && this.collections.has(name) ? name : OTHER;
  }

  private finished(
    { requestId, commandName, duration }: mongo.CommandSucceededEvent | mongo.CommandFailedEvent,
    outcome: 'ok' | 'failed',
  ): void {
    const collection = this.underWay.get(requestId) ?? OTHER;
    this.underWay.delete(requestId);
    const command = COMMANDS.has(commandName) ? commandName : OTHER;
    this.operations.inc([collection, command, outcome]);
    this.durations.observe(duration / 1_000, [collection, command]);
  }
}
