import { Queue } from 'bullmq';
import {
  correlationIdFrom,
  currentContext,
  traceHeaders,
  type CountingMetric,
  type Metrics,
} from '@flowmate/observability';
import { unavailability, type Redis } from '@flowmate/redis';
import { isJobId, type JobDefinition, type JobEnvelope } from '../catalog/job-definition.js';
import { queueOptions } from '../queue-options.js';

export interface NewJob<Payload extends object> {
  /** Never seen before for this piece of work, or a bell that waits already swallows this one. */
  readonly id: string;
  readonly payload: Payload;
  readonly delayMs?: number;
  /** From 1, which is next, upwards; without one it comes before all that have one. */
  readonly priority?: number;
}

/** Ids of a few dozen bytes each. */
const MAX_BYTES = 4_096;

/**
 * Puts jobs into queues. It never waits for Redis: a job is a bell for what MongoDB holds already, and who rang in
 * vain may go on, because all that is due is rung again.
 */
export class JobProducer {
  private readonly queues = new Map<string, Queue<JobEnvelope>>();
  private readonly added: CountingMetric;

  constructor(
    private readonly redis: Redis,
    metrics: Metrics,
  ) {
    this.added = metrics.counter({
      name: 'flowmate_jobs_added_total',
      help: 'Jobs that were put into a queue, by what became of that.',
      labels: ['job', 'outcome'],
    });
  }

  /**
   * Answers when Redis has the job, and throws `RedisUnavailableError` within two seconds when it has not: no
   * connection, no answer, no memory left.
   */
  async add<Payload extends object>(
    job: JobDefinition<Payload>,
    { id, payload, delayMs, priority }: NewJob<Payload>,
  ): Promise<void> {
    if (!isJobId(id))
      throw new TypeError(
        'A job id begins with a letter and holds letters, digits, - _ and . or is a run and a place in it.',
      );
    const correlationId = currentContext()?.correlationId ?? correlationIdFrom(undefined);
    const envelope: JobEnvelope = { payload, correlationId, ...traceHeaders() };
    try {
      await this.queue(job.queue).add(job.name, envelope, {
        jobId: id,
        attempts: job.attempts,
        backoff: { type: 'custom', delay: job.backoffMs },
        // One that is kept would swallow a later bell of the same id.
        removeOnComplete: true,
        removeOnFail: true,
        // Traces of errors can quote what must not be in Redis.
        stackTraceLimit: 0,
        sizeLimit: MAX_BYTES,
        ...(delayMs !== undefined && { delay: delayMs }),
        ...(priority !== undefined && { priority }),
      });
      this.added.inc([job.name, 'ok']);
    } catch (error) {
      this.added.inc([job.name, 'failed']);
      throw unavailability(error) ?? error;
    }
  }

  /** How many jobs of a queue wait, run or are due later. */
  async count(queueName: string): Promise<Readonly<Record<'waiting' | 'active' | 'delayed', number>>> {
    try {
      const counts = await this.queue(queueName).getJobCounts('wait', 'prioritized', 'active', 'delayed');
      const { wait = 0, prioritized = 0, active = 0, delayed = 0 } = counts;
      return { waiting: wait + prioritized, active, delayed };
    } catch (error) {
      throw unavailability(error) ?? error;
    }
  }

  /** Throws while there is no connection. */
  private queue(name: string): Queue<JobEnvelope> {
    const connection = this.redis.borrow();
    let queue = this.queues.get(name);
    if (!queue) {
      queue = new Queue<JobEnvelope>(name, queueOptions(this.redis, connection));
      // Each failure reaches its caller; `Redis` tells of the connection.
      queue.on('error', () => undefined);
      this.queues.set(name, queue);
    }
    return queue;
  }
}
