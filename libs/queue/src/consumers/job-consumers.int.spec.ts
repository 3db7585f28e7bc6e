import type { Worker } from 'bullmq';
import { Metrics } from '@flowmate/observability';
import { testStores } from '@flowmate/testing';
import { TestRedis } from '../../../redis/test/test-redis.js';
import { CANARY_JOB, MAIL_DISPATCH_JOB, RUN_JOB } from '../catalog/job-catalog.js';
import { JobConsumers } from './job-consumers.js';
import { handle } from './job-handler.js';

describe('the consumers of a worker', () => {
  it('look for runs every five seconds, and less often for what is found otherwise', async () => {
    const { redis, logger } = new TestRedis(testStores().redisUrl);
    const done = (): Promise<void> => Promise.resolve();
    const handlers = [handle(RUN_JOB, done), handle(MAIL_DISPATCH_JOB, done), handle(CANARY_JOB, done)];
    const consumers = new JobConsumers({ redis, handlers, logger, metrics: new Metrics() });
    await consumers.start();
    const { workers } = consumers as unknown as { workers: readonly Worker[] };
    const times = workers.map(({ name, opts }) => [name, opts.stalledInterval, opts.drainDelay]);
    expect(Object.fromEntries(times.map(([name, ...rest]) => [name, rest]))).toEqual({
      canary: [30_000, 10],
      mail: [30_000, 10],
      'agent-run-queue': [5_000, 5],
    });
    await consumers.drain(0);
    await redis.close();
  });
});
