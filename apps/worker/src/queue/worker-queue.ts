import { randomUUID } from 'node:crypto';
import { CanaryRepository, type Database } from '@flowmate/database';
import type { HealthComponent } from '@flowmate/health';
import type { Logger, Metrics } from '@flowmate/observability';
import {
  canaryHealth,
  ConsumerHealth,
  JOB_CATALOG,
  JobConsumers,
  QueueDepths,
  RUN_JOB,
  type JobHandler,
  type JobProducer,
} from '@flowmate/queue';
import type { Dispatcher } from '@flowmate/mail';
import type { Redis } from '@flowmate/redis';
import { Canary } from '../canary/canary.js';
import type { Duty } from '../duties/duty.js';
import { DutyRunner } from '../duties/duty-runner.js';
import { MailDispatch } from '../mail/mail-dispatch.js';

export interface WorkerQueueParts {
  readonly database: Database;
  readonly redis: Redis;
  readonly producer: JobProducer;
  readonly mails: Dispatcher;
  /** Besides those of the queue itself. */
  readonly moreDuties?: readonly Duty[];
  readonly moreHandlers?: readonly JobHandler[];
  /** How many jobs of a queue at once, where it is not as the catalogue says. */
  readonly concurrency?: Readonly<Record<string, number>>;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** Four times a minute is often enough for a graph, and costs one command per queue. */
const DEPTHS_EVERY_MS = 15_000;
const DEPTHS_DEADLINE_MS = 5_000;
/** Of the time that a process has to stop. Runs have had most of it by then; these are mails and canaries. */
const DRAIN_SHARE = 0.1;

/** Everything of this worker that takes jobs or has duties: made together, started together, stopped in order. */
export class WorkerQueue {
  /** Of the canary. */
  readonly health: HealthComponent;
  readonly consumerHealth: ConsumerHealth;
  private readonly consumers: JobConsumers;
  private readonly duties: DutyRunner;

  /** Throws when a job has no handler, or several. */
  constructor(parts: WorkerQueueParts) {
    const {
      database,
      redis,
      producer,
      mails,
      logger,
      metrics,
      moreDuties = [],
      moreHandlers = [],
      concurrency,
    } = parts;
    const repository = new CanaryRepository(database);
    const workerId = `worker-${randomUUID()}`;
    const canary = new Canary({ workerId, producer, repository, metrics });
    const mail = new MailDispatch(mails);
    this.health = canaryHealth(() => Promise.resolve(canary.last()));
    const handlers = [canary.handler, mail.handler, ...moreHandlers];
    this.consumers = new JobConsumers({ redis, handlers, logger, metrics, ...(concurrency && { concurrency }) });
    this.consumerHealth = new ConsumerHealth({
      activity: () => this.consumers.activity(RUN_JOB.queue),
      waiting: async () => (await producer.count(RUN_JOB.queue)).waiting,
    });
    const duties = [canary.duty, depthsDuty(producer, metrics), mail.duty, ...moreDuties];
    const isReady = (): boolean => database.state === 'connected';
    this.duties = new DutyRunner({ duties, logger, metrics, isReady });
  }

  start(): void {
    void this.consumers.start();
    this.duties.start();
  }

  /** First step of stopping: nothing new is begun. */
  stopDuties(): Promise<void> {
    return this.duties.stop();
  }

  /** Takes nothing more; what was taken goes on. */
  pause(): Promise<void> {
    return this.consumers.pause();
  }

  /** Finishes or hands back what was taken. */
  drain(shutdownTimeoutMs: number): Promise<void> {
    return this.consumers.drain(shutdownTimeoutMs * DRAIN_SHARE);
  }
}

function depthsDuty(producer: JobProducer, metrics: Metrics): Duty {
  const queues = [...new Set(JOB_CATALOG.map(({ queue }) => queue))];
  const depths = new QueueDepths(producer, queues, metrics);
  return {
    name: 'queue-depths',
    everyMs: DEPTHS_EVERY_MS,
    deadlineMs: DEPTHS_DEADLINE_MS,
    run: () => depths.read(),
  };
}
