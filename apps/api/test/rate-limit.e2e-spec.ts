import { request } from 'node:http';
import { Controller, Get, HttpCode, Module, Post } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { permissionsOf, type Principal, type Tier } from '@flowmate/domain';
import { eventually, testStores, verifies } from '@flowmate/testing';
import { RedisServer } from '../../../libs/redis/test/redis-server.js';
import { Public } from '../src/auth/access.decorator.js';
import { AuthTokenInvalidError } from '../src/auth/auth.errors.js';
import type { HttpRequest, HttpServer } from '../src/http/http.types.js';
import { BlockedAddresses } from '../src/rate-limit/blocked-addresses.js';
import { Limit } from '../src/rate-limit/limit.decorator.js';
import { EchoModule } from './harness/echo.module.js';
import { OPERATOR_TOKEN, startApiUnderTest, type ApiUnderTest } from './harness/api-under-test.js';
import { send, type Answer } from './harness/send.js';

const PATH = '/test/nothing';
const ANN = { 'x-test-user': 'ann team session' };
const HOUR = { RATE_LIMIT_WINDOW_MS: '1h' };

/** Says who asks, before the guards, as sign-in does: `x-test-user: <id> <tier> <credential>`. */
function signIn({ headers, state }: HttpRequest): void {
  const [userId, tier, credential] = String(headers['x-test-user'] ?? '').split(' ');
  if (!userId || !state) return;
  const acting = {
    userId,
    email: 'someone@example.com',
    workspaceId: 'w',
    permissions: permissionsOf('manager'),
    tier: tier as Tier,
  };
  const principal: Principal = credential?.startsWith('key')
    ? { ...acting, kind: 'key', role: 'service', keyId: credential }
    : { ...acting, kind: 'user', role: 'manager', sessionId: credential ?? 's', isAdmin: false };
  state.principal = principal;
}

@Controller('limited')
class LimitedController {
  @Get('often')
  @Public()
  @Limit({ name: 'test-often', max: 3, windowMs: 60_000, per: 'user' })
  often(): { ok: true } {
    return { ok: true };
  }

  @Post('guess/:word')
  @Public()
  @HttpCode(200)
  @Limit({ name: 'test-guess', max: 5, windowMs: 60_000, per: 'address', counts: 'refusals' })
  guess(): { ok: true } {
    return { ok: true };
  }

  @Post('wrong')
  @Public()
  @Limit({ name: 'test-guess', max: 5, windowMs: 60_000, per: 'address', counts: 'refusals' })
  wrong(): never {
    throw new AuthTokenInvalidError();
  }

  @Post('slow')
  @Public()
  @Limit({ name: 'test-guess', max: 5, windowMs: 60_000, per: 'address', counts: 'refusals' })
  slow(): Promise<void> {
    return new Promise((resolve) => waiting.push(resolve));
  }
}

/** Each request that came to the slow operation, which answers only when the test says so. */
const waiting: Array<() => void> = [];

@Module({ controllers: [LimitedController] })
class LimitedModule {
  constructor({ httpAdapter }: HttpAdapterHost) {
    const server: HttpServer = httpAdapter.getInstance();
    server.addHook('onRequest', (incoming, _reply, done) => {
      signIn(incoming);
      done();
    });
  }
}

const count = (answers: readonly Answer[], status: number): number => answers.filter((a) => a.status === status).length;
const parallel = (times: number, one: (index: number) => Promise<Answer>): Promise<Answer[]> =>
  Promise.all(Array.from({ length: times }, (_, index) => one(index)));

describe(verifies('FM-46', 'FM-47', 'FM-48', 'FM-49', 'FM-50', 'FM-51', 'FM-52', 'AP-9', 'rate limits'), () => {
  const started: ApiUnderTest[] = [];
  const servers: RedisServer[] = [];
  let prefixes = 0;

  const start = async (variables: Record<string, string> = {}): Promise<ApiUnderTest> => {
    prefixes += 1;
    const own = { REDIS_URL: testStores().redisUrl, REDIS_KEY_PREFIX: `limits_${process.pid}_${prefixes}` };
    const api = await startApiUnderTest({
      variables: { ...own, RATE_LIMIT_MAX_REQUESTS: '100', ...variables },
      modules: [LimitedModule, EchoModule],
    });
    started.push(api);
    return api;
  };

  afterEach(async () => {
    await Promise.all(started.splice(0).map((api) => api.close()));
    await Promise.all(servers.splice(0).map((server) => server.dispose()));
  });

  it('lets exactly 100 of 200 at once through and tells the others when to come back (case L01)', async () => {
    const api = await start();
    const answers = await parallel(200, () => send(api.port, { path: PATH }));
    expect([count(answers, 200), count(answers, 429)]).toEqual([100, 100]);
    const lefts = answers
      .filter(({ status }) => status === 200)
      .map(({ headers }) => Number(headers['ratelimit-remaining']));
    expect(lefts.sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, index) => index));
    for (const { headers, body } of answers.filter(({ status }) => status === 429)) {
      expect(JSON.parse(body)).toMatchObject({ status: 429, code: 'rate_limited' });
      expect(headers).toMatchObject({ 'ratelimit-limit': '100', 'ratelimit-remaining': '0' });
      expect(Number(headers['retry-after'])).toBeGreaterThan(890);
      expect(Number(headers['ratelimit-reset'])).toBeLessThanOrEqual(900);
    }
    const refused = /flowmate_rate_limited_total\{route="\/test\/nothing",limit="address"\} 100/;
    expect(await api.metrics.text()).toMatch(refused);
  });

  it.each(['x-forwarded-for', 'forwarded', 'x-real-ip', 'cf-connecting-ip', 'true-client-ip'])(
    'does not believe %s of a stranger (case L02)',
    async (name) => {
      const api = await start({ RATE_LIMIT_MAX_REQUESTS: '3' });
      const answers = await parallel(10, (index) =>
        send(api.port, { path: PATH, headers: { [name]: `198.51.100.${index}` } }),
      );
      expect(count(answers, 200)).toBe(3);
    },
  );

  it.each([
    ['a number of hops', '1'],
    ['an address', '127.0.0.1'],
    ['a range', '127.0.0.0/8'],
  ])('believes a proxy that is trusted by %s, and nothing that came to it (case L02)', async (_, TRUST_PROXY) => {
    const api = await start({ RATE_LIMIT_MAX_REQUESTS: '3', TRUST_PROXY });
    const from = (chain: string) => send(api.port, { path: PATH, headers: { 'x-forwarded-for': chain } });
    const forged = await parallel(10, (index) => from(`198.51.100.${index}, 203.0.113.9`));
    expect(count(forged, 200)).toBe(3);
    expect((await from('203.0.113.10')).status).toBe(200);
    const network = await parallel(20, (index) => from(`2001:db8:1:1::${index + 1}`));
    expect(count(network, 200)).toBe(3);
  });

  it('counts for two processes together, and not one more (case L04)', async () => {
    const shared = { REDIS_KEY_PREFIX: `limits_shared_${process.pid}`, API_REPLICAS: '2' };
    const apis = [await start(shared), await start(shared)] as const;
    const answers = await parallel(200, (index) => send(apis[index % 2 === 0 ? 0 : 1].port, { path: PATH }));
    expect([count(answers, 200), count(answers, 429)]).toEqual([100, 100]);
  });

  it('counts all keys and sessions of a person together, by his tier (case L05)', async () => {
    const api = await start();
    const as = (who: string) => send(api.port, { path: PATH, headers: { 'x-test-user': who } });
    const credentials = ['session1', 'key1', 'key2', 'key3', 'key4', 'key5'];
    const answers = await parallel(90, (index) => as(`ann free ${credentials[index % 6]}`));
    expect([count(answers, 200), count(answers, 429)]).toEqual([60, 30]);
    expect(answers[0]?.headers['ratelimit-limit']).toBe('60');
    expect((await as('bob free session')).status).toBe(200);
    expect((await as('cid pro session')).headers).toMatchObject({
      'ratelimit-limit': '600',
      'ratelimit-remaining': '599',
    });
    expect((await as('dan team session')).headers['ratelimit-limit']).toBe('3000');
    expect((await as('eve unlimited session')).headers).not.toHaveProperty('ratelimit-limit');
  });

  it('limits single operations besides, and tunes them by name', async () => {
    const api = await start({ RATE_LIMIT_ROUTES: 'test-often=2/1h' });
    const as = (who: string) => send(api.port, { path: '/limited/often', headers: { 'x-test-user': who } });
    expect(count(await parallel(5, () => as('ann team s')), 200)).toBe(2);
    const [refused, ofBob] = [await as('ann team key1'), await as('bob team s')];
    expect(refused.headers).toMatchObject({ 'ratelimit-limit': '2', 'ratelimit-remaining': '0' });
    expect([refused.status, ofBob.status]).toEqual([429, 200]);
    // What the operation refused was no use of the caller's own limit: of 3,000, two and this one are gone.
    const other = await send(api.port, { path: PATH, headers: { 'x-test-user': 'ann team s' } });
    expect(other.headers['ratelimit-remaining']).toBe('2997');
  });

  it('counts wrong guesses only, before their work, so that a burst does not pass (case A16)', async () => {
    const api = await start();
    const good = await parallel(4, () => send(api.port, { method: 'POST', path: '/limited/guess/x' }));
    expect(count(good, 200)).toBe(4);
    await eventually(async () => {
      const again = await parallel(4, () => send(api.port, { method: 'POST', path: '/limited/guess/x' }));
      expect(count(again, 200)).toBe(4);
    });
    await eventually(async () => {
      const wrong = await parallel(20, () => send(api.port, { method: 'POST', path: '/limited/wrong' }));
      expect(count(wrong, 429)).toBeGreaterThanOrEqual(15);
    });
    expect((await send(api.port, { method: 'POST', path: '/limited/guess/x' })).status).toBe(429);
  });

  it('knows an address that is blocked without asking Redis, and asks Redis nothing for its flood', async () => {
    const server = new RedisServer('redis-server');
    servers.push(server);
    await server.start();
    const api = await start({ RATE_LIMIT_MAX_REQUESTS: '5', REDIS_URL: server.url(), ...HOUR });
    const blocked = api.app.get(BlockedAddresses, { strict: false });
    const here = { ip: '127.0.0.1', socket: {} } as HttpRequest;
    expect(blocked.isBlocked(here)).toBe(false);
    await parallel(6, () => send(api.port, { path: PATH }));
    expect(blocked.isBlocked(here)).toBe(true);
    await server.end();
    const flood = await parallel(50, () => send(api.port, { path: PATH }));
    expect(count(flood, 429)).toBe(50);
    expect(await api.metrics.text()).not.toMatch(/flowmate_rate_limit_local_total [1-9]/);
  });

  it('does not limit health, nor operators (case L08)', async () => {
    const api = await start({ RATE_LIMIT_MAX_REQUESTS: '1' });
    const headers = { authorization: `Bearer ${OPERATOR_TOKEN}` };
    for (const path of ['/health', '/health/live', '/health/ready', '/ready', '/api/health', '/api/ready']) {
      const answers = await parallel(5, () => send(api.port, { path }));
      expect([path, count(answers, 200)]).toEqual([path, 5]);
    }
    expect(count(await parallel(5, () => send(api.port, { path: '/api/metrics', headers })), 200)).toBe(5);
    expect(count(await parallel(5, () => send(api.port, { path: '/api/metrics' })), 401)).toBe(5);
  });

  it('lets pages of allowed origins read the headers', async () => {
    const origin = 'https://app.flowmate.example';
    const api = await start({ ALLOWED_ORIGINS: origin });
    const { headers } = await send(api.port, { path: PATH, headers: { origin } });
    expect(headers['access-control-expose-headers']).toContain('ratelimit-remaining');
  });

  describe('without Redis (case L06)', () => {
    it('allows the part of this process, and of operations with limits of their own a quarter of it', async () => {
      const api = await start({ REDIS_URL: '', API_REPLICAS: '4', RATE_LIMIT_ROUTES: 'test-guess=32/1h' });
      const answers = await parallel(100, () =>
        send(api.port, { path: PATH, headers: { 'x-test-user': 'ann free s' } }),
      );
      expect(count(answers, 200)).toBe(15);
      expect(count(await parallel(20, () => send(api.port, { method: 'POST', path: '/limited/wrong' })), 401)).toBe(2);
    });

    it('never fails a request while Redis is killed under load, never is unlimited, and says so once', async () => {
      const server = new RedisServer('redis-server');
      servers.push(server);
      await server.start();
      const api = await start({ REDIS_URL: server.url(), RATE_LIMIT_MAX_REQUESTS: '300', API_REPLICAS: '3', ...HOUR });
      const answers: Answer[] = [];
      const load = async (times: number): Promise<void> => {
        for (let round = 0; round < times; round += 1)
          answers.push(...(await parallel(20, () => send(api.port, { path: PATH }))));
      };
      await load(3);
      await Promise.all([load(20), server.end()]);
      await load(20);
      expect(count(answers, 200) + count(answers, 429)).toBe(answers.length);
      // 60 before, at most all 300 in the moment of the end, and the part of this process.
      expect(count(answers, 200)).toBeGreaterThanOrEqual(100);
      expect(count(answers, 200)).toBeLessThanOrEqual(400);
      expect(count(answers.slice(-100), 429)).toBe(100);
      expect(api.raw().match(/requests are counted in this process alone/g)).toHaveLength(1);

      await server.start();
      const other = { 'x-test-user': 'zoe free s' };
      await eventually(async () => {
        await send(api.port, { path: PATH, headers: other });
        expect(api.raw().includes('requests are counted in redis again')).toBe(true);
      }, 15_000);
    }, 30_000);

    it('waits 250 ms for a Redis that hangs, once, and then not at all', async () => {
      const server = new RedisServer('redis-server');
      servers.push(server);
      await server.start();
      const api = await start({ REDIS_URL: server.url(), RATE_LIMIT_MAX_REQUESTS: '10', ...HOUR });
      expect((await send(api.port, { path: PATH })).status).toBe(200);
      server.signal('SIGSTOP');
      const began = performance.now();
      const first = await parallel(5, () => send(api.port, { path: PATH }));
      expect(performance.now() - began).toBeLessThan(1_000);
      const then = performance.now();
      const second = await parallel(20, () => send(api.port, { path: PATH }));
      expect(performance.now() - then).toBeLessThan(240);
      server.signal('SIGCONT');
      expect(count(first, 200)).toBe(5);
      expect([count(second, 200), count(second, 429)]).toEqual([5, 15]);
    });
  });

  it('what the limit of the address refused was no use of the operation', async () => {
    const api = await start({ RATE_LIMIT_MAX_REQUESTS: '2' });
    await parallel(2, () => send(api.port, { path: PATH }));
    const wrong = (headers: Record<string, string> = {}) =>
      send(api.port, { method: 'POST', path: '/limited/wrong', headers });
    expect(count(await parallel(10, () => wrong()), 429)).toBe(10);
    await eventually(async () => {
      const { status } = await send(api.port, { method: 'POST', path: '/limited/guess/x', headers: ANN });
      expect(status).toBe(200);
    });
    expect(count(await parallel(5, () => wrong(ANN)), 401)).toBe(5);
  });

  it('what the limit of the address refused wipes out no wrong guess', async () => {
    const api = await start({ RATE_LIMIT_MAX_REQUESTS: '1' });
    await send(api.port, { path: PATH });
    const wrong = (headers: Record<string, string> = {}) =>
      send(api.port, { method: 'POST', path: '/limited/wrong', headers });
    expect(count(await parallel(4, () => wrong(ANN)), 401)).toBe(4);
    for (let index = 0; index < 6; index += 1) expect((await wrong()).status).toBe(429);
    await eventually(() => expect(api.raw().match(/"status":429/g)).toHaveLength(6));
    expect(count(await parallel(5, () => wrong(ANN)), 401)).toBe(1);
  });

  it('counts what somebody tried who hung up before he was told', async () => {
    const api = await start();
    waiting.length = 0;
    for (let index = 0; index < 5; index += 1) {
      const outgoing = request({ port: api.port, method: 'POST', path: '/limited/slow', agent: false });
      outgoing.on('error', () => undefined).end();
      await eventually(() => expect(waiting).toHaveLength(index + 1));
      outgoing.destroy();
      await eventually(() => expect(api.raw().match(/caller_hung_up/g)).toHaveLength(index + 1));
    }
    for (const answer of waiting) answer();
    expect((await send(api.port, { method: 'POST', path: '/limited/wrong' })).status).toBe(429);
  });

  it('counts paths that lead nowhere, whoever asks, and lets nobody ask thousands of them', async () => {
    const api = await start({ RATE_LIMIT_MAX_REQUESTS: '10' });
    const scan =
      (headers = {}) =>
      (index: number) =>
        send(api.port, { method: index % 2 ? 'GET' : 'HEAD', path: `/wp-admin/${index}.php`, headers });
    const [known] = await parallel(1, () => send(api.port, { path: '/.env', headers: ANN }));
    expect([known?.status, known?.headers['ratelimit-remaining']]).toEqual([404, '9']);
    expect((await send(api.port, { method: 'PATCH', path: '/limited/often' })).status).toBe(405);
    const answers = await parallel(30, scan());
    expect([count(answers, 404), count(answers, 429)]).toEqual([8, 22]);
    const refused = await send(api.port, { path: '/.git/config' });
    expect(JSON.parse(refused.body)).toMatchObject({ status: 429, code: 'rate_limited' });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(890);
    expect((await send(api.port, { path: PATH })).status).toBe(429);
    expect((await send(api.port, { path: PATH, headers: ANN })).status).toBe(200);
    expect((await send(api.port, { path: '/health' })).status).toBe(200);
    const lines = await api.metrics.text();
    expect(lines).toMatch(/flowmate_rate_limited_total\{route="unmatched",limit="address"\} 23/);
  });

  it('what one process gives back, another one lets in', async () => {
    const shared = { REDIS_KEY_PREFIX: `limits_back_${process.pid}`, ...HOUR };
    const [slow, other] = [await start(shared), await start(shared)];
    waiting.length = 0;
    const good = parallel(5, () => send(slow.port, { method: 'POST', path: '/limited/slow' }));
    await eventually(() => expect(waiting).toHaveLength(5));
    const guess = () => send(other.port, { method: 'POST', path: '/limited/guess/x' });
    expect((await guess()).status).toBe(429);
    for (const answer of waiting) answer();
    expect(count(await good, 201)).toBe(5);
    await eventually(async () => expect((await guess()).status).toBe(200));
  });
});
