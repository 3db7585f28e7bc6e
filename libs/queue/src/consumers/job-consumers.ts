import { setTimeout as delay } from 'node:timers/promises';
import { Worker, type Processor } from 'bullmq';
import type { Logger, Metrics } from '@flowmate/observability';
import { unavailability, type Redis, type RedisClient } from '@flowmate/redis';
import { CONCURRENCY, JOB_CATALOG, SPARE_QUEUES } from '../catalog/job-catalog.js';
import type { AnyJob } from '../catalog/job-definition.js';
import { queueOptions } from '../queue-options.js';
import { backoffMs } from './job-failure.js';
import { byJobName, type JobHandler } from './job-handler.js';
import { JobMetrics } from './job-metrics.js';
import { JobRunner } from './job-runner.js';
import { QueueActivity, type ConsumerActivity } from './queue-activity.js';

export interface JobConsumersParts {
  readonly redis: Redis;
  readonly handlers: readonly JobHandler[];
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly catalog?: readonly AnyJob[];
  readonly timings?: Partial<QueueTimings>;
  /** How many jobs of a queue at once, where it is not as the catalogue says. */
  readonly concurrency?: Readonly<Record<string, number>>;
}

export interface QueueTimings {
  /** After so long without a sign of life a job belongs to nobody. */
  readonly lockMs: number;
  /** How often is looked for such jobs; with the lock it makes ten seconds from a killed worker to the next. */
  readonly stalledMs: number;
}

const TIMINGS: QueueTimings = { lockMs: 10_000, stalledMs: 5_000 };
/** Where nobody waits for a job that is stuck, a worker without work is woken less often. */
const SPARE_STALLED_MS = 30_000;
/** Workers may die for reasons of their own; who gives a piece of work up for good counts in MongoDB. */
const MAX_STALLED = 10;
/** How long a consumer waits at Redis before it asks again, and so how late it is after a flush. */
const BLOCK_SECONDS = 5;
/** BullMQ waits no longer. */
const SPARE_BLOCK_SECONDS = 10;
/** After an error of the connection. */
const RUN_RETRY_MS = 1_000;
/** The goodbyes to Redis of consumers that hold nothing any more. */
const CLOSE_MS = 1_000;
/** For services that were told to stop; they may be late, then the process goes without them. */
const HAND_BACK_MS = 2_000;
const LOOK_MS = 20;

/** A worker of BullMQ that can be left behind with a job that never ends. */
class QueueWorker extends Worker<unknown> {
  abandon(): Promise<void> {
    return this.lockManager.close();
  }
}

/** Takes jobs from all queues of the catalogue and has them done. */
export class JobConsumers {
  private readonly runner: JobRunner;
  private readonly workers: QueueWorker[] = [];
  private readonly connections: RedisClient[] = [];
  private readonly activities = new Map<string, QueueActivity>();
  private isStopping = false;

  /** Throws when a job has no handler, or several. */
  constructor(private readonly parts: JobConsumersParts) {
    const { catalog = JOB_CATALOG, handlers, logger, metrics } = parts;
    this.runner = new JobRunner({ handlers: byJobName(catalog, handlers), logger, metrics: new JobMetrics(metrics) });
  }

  /** Begins as soon as Redis is there. Nobody waits for it. */
  async start(): Promise<void> {
    // A Redis that is refused ends the process elsewhere.
    await this.parts.redis.connect().catch(() => undefined);
    if (this.isStopping || this.parts.redis.state !== 'connected') return;
    const { catalog = JOB_CATALOG } = this.parts;
    for (const queue of new Set(catalog.map((job) => job.queue))) this.workers.push(this.consume(queue));
  }

  /** What the consumer of a queue does, for whoever watches over it. */
  activity(queue: string): ConsumerActivity {
    const { taken = 0, hasFreeSlot = false } = this.activities.get(queue) ?? {};
    return { isTaking: this.activities.has(queue) && !this.isStopping, taken, hasFreeSlot };
  }

  /** Takes nothing more from here on; what is under way goes on. */
  async pause(): Promise<void> {
    this.isStopping = true;
    await Promise.all(this.workers.map((worker) => worker.pause(true).catch(() => undefined)));
  }

  /**
   * Takes nothing more and lets what is under way finish; after the limit it is told to stop and handed back. Takes
   * three seconds longer at most.
   */
  async drain(limitMs: number): Promise<void> {
    this.isStopping = true;
    const closed = this.workers.map((worker) => worker.close().catch(() => undefined));
    if (!(await this.isIdleWithin(limitMs))) {
      for (const job of this.runner.running) job.interrupt('shutdown');
      const isIdle = await this.isIdleWithin(HAND_BACK_MS);
      if (!isIdle) this.parts.logger.warn('jobs did not end in time', { count: this.runner.running.size });
    }
    await Promise.race([Promise.all(closed), delay(CLOSE_MS, undefined, { ref: false })]);
    await Promise.all(this.workers.map((worker) => worker.abandon()));
    for (const connection of this.connections) connection.cut();
  }

  private async isIdleWithin(limitMs: number): Promise<boolean> {
    const deadline = performance.now() + limitMs;
    while (this.runner.running.size > 0) {
      if (performance.now() > deadline) return false;
      // oxlint-disable-next-line no-await-in-loop -- it is one wait, looked at in between
      await delay(LOOK_MS);
    }
    return true;
  }

  private consume(queue: string): QueueWorker {
    const { redis, timings, concurrency } = this.parts;
    const isSpare = SPARE_QUEUES.has(queue);
    const { lockMs, stalledMs } = { ...TIMINGS, ...(isSpare && { stalledMs: SPARE_STALLED_MS }), ...timings };
    const connection = redis.open();
    this.connections.push(connection);
    const slots = concurrency?.[queue] ?? CONCURRENCY[queue] ?? 1;
    const activity = new QueueActivity(slots);
    this.activities.set(queue, activity);
    // A consumer that waited for a job while it was told to stop still gets the next one: nobody would hear that bell.
    const take: Processor = (job, token) =>
      this.isStopping ? this.runner.handBack({ job, token }) : activity.during(this.runner.take(job, token));
    const worker = new QueueWorker(queue, take, {
      ...queueOptions(redis, connection),
      concurrency: slots,
      lockDuration: lockMs,
      stalledInterval: stalledMs,
      maxStalledCount: MAX_STALLED,
      drainDelay: isSpare ? SPARE_BLOCK_SECONDS : BLOCK_SECONDS,
      runRetryDelay: RUN_RETRY_MS,
      settings: {
        backoffStrategy: (attempt, _type, error, job) => {
          const { backoff } = job?.opts ?? {};
          return backoffMs(attempt, typeof backoff === 'object' ? (backoff.delay ?? 0) : 0, error);
        },
      },
    });
    worker.on('error', (error) => this.troubled(queue, error));
    worker.on('lockRenewalFailed', (ids) => {
      for (const job of this.runner.running) if (ids.includes(job.id)) job.interrupt('lock_lost');
    });
    return worker;
  }

  /** `Redis` tells of the connection itself. A job that another worker has by now is told by its interruption. */
  private troubled(queue: string, error: Error): void {
    if (unavailability(error)) return;
    if (/lock|Missing key/.test(error.message)) this.parts.logger.warn('a job was lost by its worker', { queue });
    else this.parts.logger.error('a queue reports an error', error, { queue });
  }
}
