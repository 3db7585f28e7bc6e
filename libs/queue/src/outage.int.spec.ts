import { eventually } from '@flowmate/testing';
import { RedisServer, REDIS_KINDS } from '../../redis/test/redis-server.js';
import { SwallowingProxy } from '../../redis/test/swallowing-proxy.js';
import { ERRAND, TestQueue } from '../test/test-queue.js';

/** Nobody who rings waits longer while Redis is away. */
const BOUND_MS = 2_500;

/** What a crowd that rings sees: how long the slowest took, and how each ended. */
async function ringMany(
  test: TestQueue,
  word: string,
  count = 50,
): Promise<{ slowestMs: number; codes: Set<unknown> }> {
  const rung = Array.from({ length: count }, async (_, index) => {
    const started = performance.now();
    const code = await test.ring(`${word}-${index}`).then(
      () => 'ok',
      (error: { code?: unknown }) => error.code,
    );
    return { ms: performance.now() - started, code };
  });
  const answers = await Promise.all(rung);
  return { slowestMs: Math.max(...answers.map(({ ms }) => ms)), codes: new Set(answers.map(({ code }) => code)) };
}

const UNAVAILABLE = new Set(['redis_unavailable']);

describe.each(REDIS_KINDS)('a queue whose Redis goes away (%s)', (kind) => {
  const server = new RedisServer(kind);
  let test: TestQueue;

  const works = (id: string, timeoutMs = 10_000): Promise<void> =>
    eventually(async () => {
      await test.ring(id);
      await eventually(() => expect(test.done).toContain(id), 500);
    }, timeoutMs);

  beforeAll(() => server.reserve());
  afterEach(() => test.close());
  afterAll(() => server.dispose());

  it('works although it was started first', async () => {
    test = new TestQueue(server.url());
    void test.connect();
    const consuming = test.consume();
    expect((await ringMany(test, 'early')).codes).toEqual(UNAVAILABLE);
    await server.start();
    await consuming;
    await works('first');
  }, 20_000);

  it('refuses bells at once while Redis is dead, and works again when it is back', async () => {
    test = new TestQueue(server.url());
    await test.connect();
    await test.consume();
    await works('before');
    await server.end('SIGKILL');
    await eventually(() => expect(test.redis.state).toBe('disconnected'));
    const { slowestMs, codes } = await ringMany(test, 'dead', 500);
    expect(codes).toEqual(UNAVAILABLE);
    expect(slowestMs).toBeLessThan(BOUND_MS);
    await server.start();
    await works('after');
    expect(test.done.filter((id) => id.startsWith('dead'))).toEqual([]);
  }, 30_000);

  it('works again after everything in Redis was deleted, a job under way included', async () => {
    test = new TestQueue(server.url());
    await test.connect();
    const finish = Promise.withResolvers<void>();
    await test.consume(async ({ errandId }) => {
      if (errandId === 'under-way') await finish.promise;
      test.done.push(errandId);
    });
    await test.ring('under-way');
    await eventually(async () => expect((await test.producer.count(ERRAND.queue)).active).toBe(1));
    await test.redis.send('FLUSHALL', []);
    finish.resolve();
    await works('after');
    expect(test.done).toContain('under-way');
  }, 20_000);

  it('ends in time although Redis is dead', async () => {
    test = new TestQueue(server.url());
    await test.connect();
    const consumers = await test.consume();
    await works('one');
    await server.end('SIGKILL');
    const started = performance.now();
    await consumers.drain(1_000);
    await test.redis.close();
    expect(performance.now() - started).toBeLessThan(5_000);
    await server.start();
  }, 20_000);

  it('holds nobody up when Redis swallows everything, and works again within five seconds', async () => {
    const proxy = new SwallowingProxy(server.url());
    test = new TestQueue(await proxy.listen());
    await test.connect();
    await test.consume();
    await works('before');
    proxy.isSwallowing = true;
    const swallowed = performance.now();
    while (performance.now() - swallowed < 8_000) {
      const { slowestMs, codes } = await ringMany(test, 'lost');
      expect(codes).toEqual(UNAVAILABLE);
      expect(slowestMs).toBeLessThan(BOUND_MS);
      await eventually(() => expect(performance.now() - swallowed).toBeGreaterThan(4_500), 5_000);
    }
    proxy.isSwallowing = false;
    const healing = performance.now();
    await works('after');
    expect(performance.now() - healing).toBeLessThan(5_000);
    await test.close();
    proxy.close();
  }, 40_000);
});

describe('a queue whose Redis is full', () => {
  it('tells who rings, goes on with what it has, and works again', async () => {
    const server = new RedisServer('redis-server');
    await server.start();
    const test = new TestQueue(server.url());
    await test.connect();
    await test.consume();
    await test.redis.send('CONFIG', ['SET', 'maxmemory', '1']);
    await expect(test.ring('full')).rejects.toMatchObject({ code: 'redis_unavailable', reason: 'its memory is full' });
    expect(await test.samples('flowmate_jobs_added_total')).toEqual([
      'flowmate_jobs_added_total{job="errand",outcome="failed"} 1',
    ]);
    await test.redis.send('CONFIG', ['SET', 'maxmemory', '0']);
    await test.ring('room');
    await eventually(() => expect(test.done).toEqual(['room']));
    await test.close();
    await server.dispose();
  });
});
