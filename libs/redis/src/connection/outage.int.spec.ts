import { eventually } from '@flowmate/testing';
import { RedisServer, REDIS_KINDS } from '../../test/redis-server.js';
import { SwallowingProxy } from '../../test/swallowing-proxy.js';
import { TestRedis } from '../../test/test-redis.js';
import { redisHealth } from './redis-health.js';

/** No request of ours hangs longer while a store is away. */
const BOUND_MS = 2_500;
const never = new AbortController().signal;

/** What a crowd of requests sees: how long the slowest took, and how each ended. */
async function askMany(test: TestRedis, count = 100): Promise<{ slowestMs: number; codes: Set<unknown> }> {
  const asked = Array.from({ length: count }, async () => {
    const started = performance.now();
    const code = await test.redis.ping().then(
      () => 'ok',
      (error: { code?: unknown }) => error.code,
    );
    return { ms: performance.now() - started, code };
  });
  const answers = await Promise.all(asked);
  return { slowestMs: Math.max(...answers.map(({ ms }) => ms)), codes: new Set(answers.map(({ code }) => code)) };
}

describe.each(REDIS_KINDS)('a Redis that goes away (%s)', (kind) => {
  const server = new RedisServer(kind);
  let test: TestRedis;

  beforeAll(() => server.reserve());
  afterEach(() => test.redis.close());
  afterAll(() => server.dispose());

  it('is found although it starts later, and told of once', async () => {
    test = new TestRedis(server.url());
    void test.redis.connect();
    await eventually(() => expect(test.told()).toHaveLength(1));
    expect((await askMany(test)).codes).toEqual(new Set(['redis_unavailable']));
    await server.start();
    await eventually(() => expect(test.redis.state).toBe('connected'));
    expect(test.told()).toEqual([
      'redis: nothing listens at the address; it is tried again until it is there setting=REDIS_URL reason=nothing listens at the address',
      expect.stringMatching(/^redis connected/),
    ]);
  });

  it('is told of once when it is killed, once when it is back, and nobody waits for it', async () => {
    test = new TestRedis(server.url());
    await test.redis.connect();
    await server.end('SIGKILL');
    await eventually(() => expect(test.redis.state).toBe('disconnected'));
    const { slowestMs, codes } = await askMany(test, 1_000);
    expect(codes).toEqual(new Set(['redis_unavailable']));
    expect(slowestMs).toBeLessThan(BOUND_MS);
    await eventually(() => expect(test.told().at(-1)).toContain('nothing listens at the address'));
    await server.start();
    await eventually(() => expect(test.redis.state).toBe('connected'));
    expect(await askMany(test)).toMatchObject({ codes: new Set(['ok']) });
    expect(test.told().map((line) => line.split(/[:;] | \w+=/)[0])).toEqual([
      'redis connected',
      'redis lost',
      'redis',
      'redis is back',
    ]);
  });

  it('is looked for with a wrong password, told plainly, and the password is not printed', async () => {
    test = new TestRedis(server.url('battery-staple'));
    void test.redis.connect();
    await eventually(() => expect(test.told()).toHaveLength(1));
    expect(test.told()[0]).toContain('redis: the user name or the password is wrong');
    await expect(test.redis.ping()).rejects.toMatchObject({ code: 'redis_unavailable' });
    expect(test.lines.join()).not.toMatch(/battery|staple|horse/);
  });

  it('says when it asks for a password and there is none', async () => {
    test = new TestRedis(server.url('').replace(':@', ''));
    void test.redis.connect();
    await eventually(() => expect(test.told().join()).toContain('it asks for a password and REDIS_URL has none'));
  });

  it('that swallows everything holds nobody up, is noticed, and is used again when it speaks', async () => {
    const proxy = new SwallowingProxy(server.url());
    test = new TestRedis(await proxy.listen());
    await test.redis.connect();
    proxy.isSwallowing = true;
    const silent = performance.now();
    const first = await askMany(test);
    expect(first.codes).toEqual(new Set(['redis_unavailable']));
    expect(first.slowestMs).toBeLessThan(BOUND_MS);
    await eventually(() => expect(test.redis.state).toBe('disconnected'));
    expect(performance.now() - silent).toBeLessThan(5_000);
    expect((await askMany(test)).slowestMs).toBeLessThan(100);
    proxy.isSwallowing = false;
    const speaking = performance.now();
    await eventually(() => expect(test.redis.state).toBe('connected'), 8_000);
    expect(performance.now() - speaking).toBeLessThan(5_000);
    await test.redis.close();
    proxy.close();
  }, 20_000);

  it('is closed within two seconds, whatever is under way', async () => {
    const proxy = new SwallowingProxy(server.url());
    test = new TestRedis(await proxy.listen());
    await test.redis.connect();
    const consumer = test.redis.open();
    await eventually(() => expect(consumer.status).toBe('ready'));
    proxy.isSwallowing = true;
    const asked = askMany(test);
    const started = performance.now();
    await test.redis.close();
    expect(performance.now() - started).toBeLessThan(2_000);
    expect((await asked).codes).toEqual(new Set(['redis_unavailable']));
    proxy.close();
  });
});

describe('the Redis of npm start', () => {
  const server = new RedisServer('embedded');
  beforeAll(() => server.start());
  afterAll(() => server.dispose());

  it('is refused by production with exit code 78', async () => {
    const test = new TestRedis(server.url(), { NODE_ENV: 'production' });
    const message = expect.stringContaining('REDIS_URL: names the embedded Redis of `npm start`');
    await expect(test.redis.connect()).rejects.toMatchObject({ exitCode: 78, message });
    expect(test.redis.state).toBe('refused');
    await test.redis.close();
  });
});

describe('a Redis that is not fit', () => {
  const server = new RedisServer('redis-server');
  let test: TestRedis;

  beforeAll(() => server.start(['--maxmemory', '64mb', '--maxmemory-policy', 'allkeys-lru']));
  afterEach(() => test.redis.close());
  afterAll(() => server.dispose());

  it('is refused by production with exit code 78 when it evicts', async () => {
    test = new TestRedis(server.url(), { NODE_ENV: 'production' });
    const refused = test.redis.connect();
    await expect(refused).rejects.toMatchObject({
      exitCode: 78,
      message: expect.stringContaining('REDIS_URL: CONFIG_REDIS_EVICTION'),
    });
    expect(test.redis.state).toBe('refused');
  });

  it('makes development not ready as long as it evicts', async () => {
    test = new TestRedis(server.url());
    await test.redis.connect();
    const health = redisHealth(test.redis);
    expect(health.isRequired).toBe(true);
    await expect(health.check(never)).rejects.toMatchObject({ code: 'redis_eviction' });
    expect(test.told().join()).toContain('redis throws keys away when its memory is full');
    await test.redis.send('CONFIG', ['SET', 'maxmemory-policy', 'noeviction']);
    await eventually(() => expect(health.isRequired).toBe(false));
    expect(await health.check(never)).toMatchObject({ evictionPolicy: 'noeviction' });
    expect(test.told().join()).toContain('redis keeps all keys again');
  });

  it('makes production not ready when the policy is changed under it', async () => {
    test = new TestRedis(server.url(), { NODE_ENV: 'production' });
    await test.redis.connect();
    expect(test.redis.isEvicting).toBe(false);
    await test.redis.send('CONFIG', ['SET', 'maxmemory-policy', 'volatile-ttl']);
    await eventually(() => expect(test.redis.isEvicting).toBe(true));
    expect(test.redis.state).toBe('connected');
    expect(redisHealth(test.redis).isRequired).toBe(true);
    await test.redis.send('CONFIG', ['SET', 'maxmemory-policy', 'noeviction']);
  });

  it('is taken when it tells nothing about itself, as managed ones do', async () => {
    const admin = new TestRedis(server.url());
    await admin.redis.connect();
    await admin.redis.send('ACL', ['SETUSER', 'app', 'on', '>pass', '~*', '&*', '+@all', '-config', '-info']);
    await admin.redis.close();
    test = new TestRedis(server.url('pass').replace('//:', '//app:'), { NODE_ENV: 'production' });
    await test.redis.connect();
    expect(test.redis.state).toBe('connected');
    const facts = await redisHealth(test.redis).check(never);
    expect(facts).toEqual({ version: 'unknown', evictionPolicy: 'unknown' });
  });

  it('is refused when it has no database of the number that is set', async () => {
    test = new TestRedis(server.url(), { REDIS_DB: '99' });
    await expect(test.redis.connect()).rejects.toMatchObject({
      exitCode: 78,
      message: expect.stringContaining('REDIS_DB: names a database that this Redis does not have'),
    });
  });

  it('whose memory is full says so, and answers reads', async () => {
    test = new TestRedis(server.url());
    await test.redis.connect();
    await test.redis.send('CONFIG', ['SET', 'maxmemory', '1']);
    await expect(test.redis.send('SET', ['a', 'b'])).rejects.toMatchObject({
      code: 'redis_unavailable',
      reason: 'its memory is full',
      sent: false,
    });
    await test.redis.ping();
    await test.redis.send('CONFIG', ['SET', 'maxmemory', '0']);
  });
});
