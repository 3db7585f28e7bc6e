import { eventually, testStores, verifies } from '@flowmate/testing';
import { TestRedis } from '../../test/test-redis.js';
import { redisScript } from '../scripts/script.js';
import { redisHealth } from './redis-health.js';

const never = new AbortController().signal;

describe('redis', () => {
  let test: TestRedis;

  beforeEach(async () => {
    test = new TestRedis(testStores().redisUrl);
    await test.redis.connect();
  });
  afterEach(() => test.redis.close());

  it('connects, and says so once', async () => {
    await test.redis.connect();
    expect(test.redis.state).toBe('connected');
    expect(test.told()).toEqual([expect.stringMatching(/^redis connected version=\d/)]);
  });

  it('asks under a prefix of its own', async () => {
    const key = test.redis.key('greeting', '1');
    expect(key).toMatch(/^test_\w+:greeting:1$/);
    await test.redis.send('SET', [key, 'hello', 'EX', 60]);
    expect(await test.redis.send('GET', [key])).toBe('hello');
  });

  it('answers what Redis says about a wrong command as it is', async () => {
    await expect(test.redis.send('LPUSH', [])).rejects.toThrow(/wrong number of arguments/);
  });

  it('runs a script, also when Redis forgot it', async () => {
    const add = redisScript("return redis.call('INCRBY', KEYS[1], ARGV[1])");
    const key = test.redis.key('count');
    expect(await test.redis.run(add, [key], [2])).toBe(2);
    await test.redis.send('SCRIPT', ['FLUSH']);
    expect(await test.redis.run(add, [key], [3])).toBe(5);
    await test.redis.send('DEL', [key]);
  });

  it('tells health its version and its eviction policy, and is not required', async () => {
    const health = redisHealth(test.redis);
    expect(health.isRequired).toBe(false);
    expect(await health.check(never)).toEqual({ version: expect.any(String), evictionPolicy: 'noeviction' });
  });

  it('gives a question up when nobody wants its answer any more', async () => {
    const gone = AbortSignal.abort();
    await expect(test.redis.ping({ signal: gone })).rejects.toMatchObject({ code: 'redis_unavailable' });
  });

  it('leaves no timer behind when it is closed while it looks for a Redis that was there', async () => {
    const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const before = timers();
    const other = new TestRedis(testStores().redisUrl);
    await other.redis.connect();
    const client = other.redis.open();
    await eventually(() => expect(client.status).toBe('ready'));
    client.options.retryStrategy = () => 60_000;
    client.replace();
    await eventually(() => expect(client.status).toBe('reconnecting'));
    await other.redis.close();
    await eventually(() => expect(timers()).toBeLessThanOrEqual(before), 1_000);
  });

  it('is closed for good, and soon', async () => {
    const started = performance.now();
    await test.redis.close();
    expect(performance.now() - started).toBeLessThan(2_000);
    await expect(test.redis.ping()).rejects.toMatchObject({ code: 'redis_unavailable', sent: false });
    expect(() => test.redis.open()).toThrow(expect.objectContaining({ code: 'redis_unavailable' }));
  });

  it('does not hold more commands than it can', async () => {
    const asked = Array.from({ length: 11_000 }, () => test.redis.ping().then(() => 'ok', String));
    const answers = await Promise.all(asked);
    expect(answers.filter((answer) => answer === 'ok')).toHaveLength(10_000);
  });
});

describe('redis with an address that cannot be decoded', () => {
  it('is refused to each who asks, so that a consumer that ignores that does not ignore it for the process', async () => {
    const test = new TestRedis('redis://:parrot%zz@127.0.0.1:1');
    const [ofProcess, ofConsumer] = [test.redis.connect(), test.redis.connect()];
    // Node ends a process for a rejection only when nobody at all handles that promise.
    expect(ofProcess).not.toBe(ofConsumer);
    const refused = { exitCode: 78, message: expect.not.stringContaining('parrot') };
    await expect(ofConsumer).rejects.toMatchObject(refused);
    await expect(ofProcess).rejects.toMatchObject(refused);
    await test.redis.close();
  });
});

describe('redis without an address', () => {
  it('is absent in development, and says so', async () => {
    const test = new TestRedis('');
    await test.redis.connect();
    expect(test.redis.state).toBe('absent');
    expect(test.told()).toEqual(['no redis: REDIS_URL is not set setting=REDIS_URL']);
    await expect(test.redis.ping()).rejects.toMatchObject({ code: 'redis_unavailable' });
  });

  it('is refused in production', () => {
    expect(() => new TestRedis('', { NODE_ENV: 'production' })).toThrow(expect.objectContaining({ exitCode: 78 }));
  });
});

it('shows how much memory Redis uses, and nothing while it cannot be asked', async () => {
  const test = new TestRedis(testStores().redisUrl);
  const shown = (): Promise<string[]> => test.samples('flowmate_redis_memory_bytes');
  expect(await shown()).toEqual([]);
  await test.redis.connect();
  expect(await shown()).toContainEqual(expect.stringMatching(/^\S+\{kind="used"\} [1-9]\d{5,}$/));
  await test.redis.close();
  expect(await shown()).toEqual([]);
});

describe(verifies('FR-23', 'the metric of Redis'), () => {
  it('counts each command of every connection by what became of it', async () => {
    const test = new TestRedis(testStores().redisUrl);
    await test.redis.connect();
    const consumer = test.redis.open();
    await consumer.set(test.redis.key('one'), 'two', 'EX', 1);
    await test.redis.send('GET', [test.redis.key('one')]);
    await test.redis.send('OBJECT', ['HELP']);
    await expect(test.redis.send('GET', [])).rejects.toThrow(/wrong number of arguments/);
    await eventually(async () => {
      expect(await test.samples('flowmate_redis_operations_total')).toEqual(
        expect.arrayContaining([
          'flowmate_redis_operations_total{command="set",outcome="ok"} 1',
          'flowmate_redis_operations_total{command="get",outcome="ok"} 1',
          'flowmate_redis_operations_total{command="get",outcome="failed"} 1',
          'flowmate_redis_operations_total{command="other",outcome="ok"} 1',
        ]),
      );
    });
    await test.redis.close();
  });
});
