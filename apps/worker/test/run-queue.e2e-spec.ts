import { loadEnv, RunEnv } from '@flowmate/config';
import { ScriptedLlm } from '@flowmate/llm';
import { Metrics } from '@flowmate/observability';
import { JobConsumers, JobProducer, RUN_JOB } from '@flowmate/queue';
import { testStores, verifies } from '@flowmate/testing';
import { TestRedis } from '../../../libs/redis/test/test-redis.js';
import { EngineWorld } from './harness/engine-under-test.js';

describe(verifies('FM-10', 'the queue of runs'), () => {
  const world = new EngineWorld();
  const test = new TestRedis(testStores().redisUrl);
  const { redis, logger } = test;

  beforeAll(async () => {
    await Promise.all([world.begin(), redis.connect()]);
  });
  afterAll(async () => {
    await world.dispose();
    await redis.close();
  });

  it('is agent-run-queue on Redis, holds ids of runs, and has them begun', async () => {
    const producer = new JobProducer(redis, new Metrics());
    const id = await world.run(await world.agent());
    await producer.add(RUN_JOB, { id: `${id}-1`, payload: { runId: id } });
    expect(await redis.send('LRANGE', [redis.key('queue', 'agent-run-queue', 'wait'), 0, -1])).toEqual([`${id}-1`]);

    const worker = await world.worker({ model: new ScriptedLlm([{ text: 'Done.' }]), redis });
    const { handler } = worker.engine;
    const consumers = new JobConsumers({
      redis,
      handlers: [handler],
      catalog: [RUN_JOB],
      logger,
      metrics: new Metrics(),
    });
    await consumers.start();
    await world.until(id, 'succeeded');
    await consumers.drain(1_000);
    expect(await producer.count('agent-run-queue')).toEqual({ waiting: 0, active: 0, delayed: 0 });
  });
});

describe(verifies('FM-18', 'a run of which nobody says how long'), () => {
  it('may be at work for thirty seconds', () => {
    expect(loadEnv([RunEnv], { variables: {} }).get(RunEnv).timeoutMs).toBe(30_000);
  });

  it('has the time that AGENT_TIMEOUT_MS says', () => {
    expect(loadEnv([RunEnv], { variables: { AGENT_TIMEOUT_MS: '5000' } }).get(RunEnv).timeoutMs).toBe(5_000);
  });
});
