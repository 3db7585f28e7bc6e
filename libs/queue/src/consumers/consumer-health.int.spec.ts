import { eventually, testStores, verifies } from '@flowmate/testing';
import { SwallowingProxy } from '../../../redis/test/swallowing-proxy.js';
import { ERRAND, TestQueue } from '../../test/test-queue.js';
import { ConsumerHealth } from './consumer-health.js';

describe(verifies('R25', 'a consumer whose own connection hangs while Redis answers'), () => {
  const proxy = new SwallowingProxy(testStores().redisUrl);
  const wellConnected = new TestQueue(testStores().redisUrl);
  let consuming: TestQueue;

  beforeAll(async () => {
    const prefix = wellConnected.redis.key('queue').split(':', 1)[0] ?? '';
    consuming = new TestQueue(await proxy.listen(), { REDIS_KEY_PREFIX: prefix });
    await Promise.all([wellConnected.connect(), consuming.connect()]);
  });
  afterAll(async () => {
    proxy.isSwallowing = false;
    await Promise.all([consuming.close(), wellConnected.close()]);
    proxy.close();
  });

  it('is found out, and is well again with the next job that it takes', async () => {
    const finish = Promise.withResolvers<void>();
    const consumers = await consuming.consume(() => finish.promise);
    const health = new ConsumerHealth({
      activity: () => consumers.activity(ERRAND.queue),
      waiting: async () => (await wellConnected.producer.count(ERRAND.queue)).waiting,
      limits: { notReadyMs: 200, notAliveMs: 400 },
    });
    await wellConnected.ring('e1');
    await eventually(() => expect(consumers.activity(ERRAND.queue).taken).toBe(1));
    // The only slot is taken: what waits behind it is no sign of a hang.
    expect(consumers.activity(ERRAND.queue)).toEqual({ isTaking: true, taken: 1, hasFreeSlot: false });
    finish.resolve();
    await eventually(() => expect(consumers.activity(ERRAND.queue).hasFreeSlot).toBe(true));

    proxy.isSwallowing = true;
    await wellConnected.ring('e2');
    await eventually(() => expect(health.check()).rejects.toMatchObject({ code: 'consumer_wedged' }));
    await eventually(async () => {
      await health.check().catch(() => undefined);
      expect(health.isAlive).toBe(false);
    });

    proxy.isSwallowing = false;
    await eventually(async () => expect(await health.check()).toEqual({}), 20_000);
    expect(health.isAlive).toBe(true);
    await consumers.pause();
    expect(consumers.activity(ERRAND.queue).isTaking).toBe(false);
  }, 40_000);
});
