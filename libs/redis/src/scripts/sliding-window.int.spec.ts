import { setTimeout as delay } from 'node:timers/promises';
import { testStores } from '@flowmate/testing';
import { SwallowingProxy } from '../../test/swallowing-proxy.js';
import { TestRedis } from '../../test/test-redis.js';
import { SlidingWindow } from './sliding-window.js';

/** What may lie between the clock of the test and that of Redis for one request. */
const SLACK_MS = 60;

describe('a window that slides in redis', () => {
  let test: TestRedis;
  let window: SlidingWindow;

  beforeAll(async () => {
    test = new TestRedis(testStores().redisUrl);
    await test.redis.connect();
    window = new SlidingWindow(test.redis, 1_000);
  });
  afterAll(() => test.redis.close());

  it('lets exactly the limit through, however many ask at once and from however many processes', async () => {
    const other = new SlidingWindow(test.redis, 1_000);
    const limit = { key: 'burst', limit: 100, windowMs: 60_000 };
    const asked = Array.from({ length: 200 }, (_, index) => (index % 2 ? window : other).take(limit));
    const answers = await Promise.all(asked);
    const allowed = answers.filter(({ isAllowed }) => isAllowed);
    expect(allowed.map(({ remaining }) => remaining).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 100 }, (_, n) => n),
    );
    expect(await test.redis.send('ZCARD', [test.redis.key('limit', 'burst')])).toBe(100);
  });

  it('never has more than the limit in a stretch as long as itself, and is free again when it said so', async () => {
    const limit = { key: 'slides', limit: 4, windowMs: 400 };
    const allowed: number[] = [];
    for (const pause of [0, 90, 90, 90, 60, 60, 60, 5, 100, 100, 30, 30, 30, 30, 30, 30, 300, 10, 10, 10, 10, 10]) {
      await delay(pause);
      const asked = performance.now();
      const { isAllowed, freeInMs } = await window.take(limit);
      const within = allowed.filter((at) => at > asked - limit.windowMs + SLACK_MS).length;
      if (isAllowed) allowed.push(asked);
      expect(within + (isAllowed ? 1 : 0)).toBeLessThanOrEqual(limit.limit);
      // Refused only when as many were allowed in the window, give or take what the clocks differ.
      const around = allowed.filter((at) => at > asked - limit.windowMs - SLACK_MS).length;
      expect(isAllowed || around >= limit.limit).toBe(true);
      expect(freeInMs).toBeLessThanOrEqual(limit.windowMs);
    }
    const refusedFor = (await window.take({ ...limit, limit: 1 })).freeInMs;
    await delay(refusedFor + 5);
    expect((await window.take({ ...limit, limit: 1 })).isAllowed).toBe(true);
  });

  it('is not extended by those it refuses (case L07)', async () => {
    const limit = { key: 'storm', limit: 2, windowMs: 300 };
    const started = performance.now();
    await window.take(limit);
    await window.take(limit);
    let refused = 0;
    while (!(await window.take(limit)).isAllowed) refused += 1;
    expect(refused).toBeGreaterThan(10);
    expect(performance.now() - started).toBeLessThan(300 + SLACK_MS);
  });

  it('leaves nothing behind', async () => {
    const key = test.redis.key('limit', 'short');
    await window.take({ key: 'short', limit: 5, windowMs: 100 });
    expect(Number(await test.redis.send('PTTL', [key]))).toBeLessThanOrEqual(100);
    await delay(120);
    expect(await test.redis.send('EXISTS', [key])).toBe(0);
  });

  it('takes a lower limit at once, and says when that one is free', async () => {
    const key = 'lower';
    for (let index = 0; index < 5; index += 1) await window.take({ key, limit: 5, windowMs: 60_000 });
    expect(await window.take({ key, limit: 2, windowMs: 60_000 })).toMatchObject({ isAllowed: false, remaining: 0 });
  });

  it('gives back the newest', async () => {
    const limit = { key: 'back', limit: 1, windowMs: 60_000 };
    await window.take(limit);
    await window.giveBack('back');
    expect((await window.take(limit)).isAllowed).toBe(true);
    expect((await window.take(limit)).isAllowed).toBe(false);
  });

  it('counts also when Redis forgot the script', async () => {
    await test.redis.send('SCRIPT', ['FLUSH']);
    expect((await window.take({ key: 'flushed', limit: 1, windowMs: 1_000 })).isAllowed).toBe(true);
  });

  it('fails in its own time when nothing comes back', async () => {
    const proxy = new SwallowingProxy(testStores().redisUrl);
    const behind = new TestRedis(await proxy.listen());
    await behind.redis.connect();
    proxy.isSwallowing = true;
    const started = performance.now();
    const late = new SlidingWindow(behind.redis, 100).take({ key: 'late', limit: 1, windowMs: 1_000 });
    await expect(late).rejects.toMatchObject({ code: 'redis_unavailable' });
    expect(performance.now() - started).toBeLessThan(300);
    await behind.redis.close();
    proxy.close();
  });
});
