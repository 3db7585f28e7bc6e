import { Metrics } from '@flowmate/observability';
import { TestRedis } from '../../redis/test/test-redis.js';
import { JobConsumers, type QueueTimings } from '../src/consumers/job-consumers.js';
import { handle, type JobHandler } from '../src/consumers/job-handler.js';
import { idsOnly, type JobDefinition } from '../src/catalog/job-definition.js';
import { JobProducer } from '../src/producer/job-producer.js';

/** A job for tests; it is tried twice. */
export const ERRAND: JobDefinition<{ readonly errandId: string }> = {
  name: 'errand',
  queue: 'errands',
  attempts: 2,
  backoffMs: 50,
  timeoutMs: 60_000,
  read: idsOnly('errandId'),
};

/** Production's proportions, five times as fast. */
const FAST: QueueTimings = { lockMs: 2_000, stalledMs: 1_000 };

type Service = (payload: { readonly errandId: string }, signal: AbortSignal) => Promise<void>;

/** A producer and a consumer of errands, as in a process of their own. */
export class TestQueue extends TestRedis {
  readonly done: string[] = [];
  readonly producer = new JobProducer(this.redis, this.metrics);
  private readonly consumers: JobConsumers[] = [];

  async connect(): Promise<void> {
    await this.redis.connect();
  }

  /** Without a service, an errand is noted as done. */
  async consume(service?: Service, job = ERRAND): Promise<JobConsumers> {
    const note: Service = ({ errandId }) => Promise.resolve(void this.done.push(errandId));
    const handlers: JobHandler[] = [handle(job, service ?? note)];
    const { redis, logger } = this;
    const catalog = [job];
    // A process has one consumer, and so its metrics once.
    const metrics = this.consumers.length === 0 ? this.metrics : new Metrics();
    const consumers = new JobConsumers({ redis, logger, metrics, handlers, catalog, timings: FAST });
    this.consumers.push(consumers);
    await consumers.start();
    return consumers;
  }

  ring(errandId: string, id = errandId): Promise<void> {
    return this.producer.add(ERRAND, { id, payload: { errandId } });
  }

  async close(): Promise<void> {
    await Promise.all(this.consumers.map((consumers) => consumers.drain(0)));
    await this.redis.close();
  }
}
