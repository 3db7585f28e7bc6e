import { createClient, getHealth, getLiveness, getReadiness, type Client } from '@flowmate/client';
import type { HealthComponent } from '@flowmate/health';
import { eventually, verifies } from '@flowmate/testing';
import { OPERATOR_TOKEN, startApiUnderTest, type ApiUnderTest } from './harness/api-under-test.js';
import { send } from './harness/send.js';

describe(verifies('FM-19', 'FR-15', 'liveness'), () => {
  let api: ApiUnderTest;
  let client: Client;

  beforeAll(async () => {
    api = await startApiUnderTest();
    client = createClient({ baseUrl: api.url });
  });
  afterAll(async () => api.close());

  it.each([
    ['/health/live', getLiveness],
    ['/health', getHealth],
  ])('%s answers healthy without credentials', async (path, ask) => {
    const { data, request, response } = await ask({ client });
    expect(new URL(request?.url ?? '').pathname).toBe(path);
    expect(request?.headers.has('authorization')).toBe(false);
    expect(response?.status).toBe(200);
    expect(data).toEqual({
      status: 'healthy',
      service: 'flowmate-api',
      version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
      uptimeSeconds: expect.any(Number),
    });
  });

  it('is never remembered by a cache', async () => {
    const { response } = await getLiveness({ client });
    expect(response?.headers.get('cache-control')).toBe('no-store');
  });
});

class PlayedStore implements HealthComponent {
  isDown = false;

  constructor(
    readonly name: string,
    readonly isRequired: boolean,
  ) {}

  check(): Promise<{ version: string }> {
    return this.isDown ? Promise.reject(new Error('ECONNREFUSED 10.1.2.3')) : Promise.resolve({ version: '8' });
  }
}

describe(verifies('FM-20', 'FR-16', 'FR-17', 'FS-6', 'FS-7', 'AP-5', 'readiness'), () => {
  const [mongo, redis] = [new PlayedStore('mongodb', true), new PlayedStore('redis', false)];
  let api: ApiUnderTest;

  const is = (status: number, body: object): Promise<void> =>
    eventually(async () => {
      const { response, data, error } = await getReadiness({ client: createClient({ baseUrl: api.url }) });
      expect(response?.status).toBe(status);
      expect(data ?? error).toMatchObject(body);
    });

  beforeAll(async () => {
    api = await startApiUnderTest({ components: [mongo, redis] });
  });
  afterAll(async () => api.close());
  beforeEach(async () => {
    [mongo.isDown, redis.isDown] = [false, false];
    await is(200, { status: 'ready', components: { mongodb: { status: 'up' }, redis: { status: 'up' } } });
  });

  it('is green and says so when Redis alone is down', async () => {
    redis.isDown = true;
    await is(200, { status: 'degraded', components: { mongodb: { status: 'up' }, redis: { status: 'down' } } });
    expect((await send(api.port, { path: '/health/live' })).status).toBe(200);
  });

  it('is red when MongoDB is down, as a problem that names it, while the process lives', async () => {
    mongo.isDown = true;
    await is(503, { code: 'not_ready', status: 503, components: { mongodb: { status: 'down' } } });
    const red = await send(api.port, { path: '/health/ready' });
    expect(red.headers).toMatchObject({
      'content-type': 'application/problem+json; charset=utf-8',
      'retry-after': '5',
    });
    expect((await send(api.port, { path: '/health/live' })).status).toBe(200);
  });

  it.each(['/ready', '/api/ready', '/api/health'])('answers the same at %s', async (path) => {
    const green = await send(api.port, { path });
    expect([green.status, JSON.parse(green.body)]).toMatchObject([200, { status: 'ready' }]);
    mongo.isDown = true;
    await eventually(async () => expect((await send(api.port, { path })).status).toBe(503));
  });

  it('tells operators what it knows, and no address to anybody', async () => {
    mongo.isDown = true;
    await is(503, { code: 'not_ready' });
    expect((await send(api.port, { path: '/health/details' })).status).toBe(401);
    const headers = { authorization: `Bearer ${OPERATOR_TOKEN}` };
    const details = await send(api.port, { path: '/health/details', headers });
    expect(JSON.parse(details.body)).toMatchObject({
      status: 'not_ready',
      components: { mongodb: { isRequired: true, reason: 'unreachable' }, redis: { facts: { version: '8' } } },
    });
    expect(details.body).not.toContain('10.1.2.3');
  });
});
