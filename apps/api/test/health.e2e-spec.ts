import { createClient, getHealth, getLiveness, getMetrics, getWelcome, type Client } from '@flowmate/client';
import { verifies } from '@flowmate/testing';
import type { LagTimer } from '@flowmate/observability';
import { startApiUnderTest, type ApiUnderTest } from './harness/api-under-test.js';

/** A clock that a test moves, so that the event loop looks as late as it wants. */
class HandClock implements LagTimer {
  private at = 0;

  every(): () => void {
    return () => undefined;
  }

  now(): number {
    return this.at;
  }

  advance(ms: number): void {
    this.at += ms;
  }
}

describe(verifies('FM-19', 'FR-15', 'liveness'), () => {
  const clock = new HandClock();
  let api: ApiUnderTest;
  let client: Client;

  beforeAll(async () => {
    api = await startApiUnderTest({ lagTimer: clock });
    client = createClient({ baseUrl: api.url });
  });
  afterAll(async () => api.close());

  it.each([
    ['/health/live', getLiveness],
    ['/health', getHealth],
  ])('%s answers healthy without credentials', async (_, ask) => {
    const { data, response } = await ask({ client });
    expect(response?.status).toBe(200);
    expect(data).toEqual({
      status: 'healthy',
      service: 'flowmate-api',
      version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
      uptimeSeconds: expect.any(Number),
    });
    expect(response?.headers.get('cache-control')).toBe('no-store');
  });

  it('stays healthy when other callers are turned away, because a restart would mend nothing', async () => {
    clock.advance(60_000);
    const refused = await getWelcome({ client });
    const live = await getLiveness({ client });
    clock.advance(-60_000);
    expect(refused.response?.status).toBe(503);
    expect(refused.error?.code).toBe('overloaded');
    expect(refused.response?.headers.get('retry-after')).toBe('1');
    expect(live.data?.status).toBe('healthy');
  });
});

describe('the client', () => {
  let api: ApiUnderTest;

  beforeAll(async () => {
    api = await startApiUnderTest();
  });
  afterAll(async () => api.close());

  it('sends its token only to operations that ask for one', async () => {
    const sent = new Map<string, string | null>();
    const client = createClient({ baseUrl: api.url, auth: 'not-the-token' });
    client.interceptors.request.use((request) => {
      sent.set(new URL(request.url).pathname, request.headers.get('authorization'));
      return request;
    });
    const refused = await getMetrics({ client });
    await getLiveness({ client });
    expect(refused.error?.code).toBe('auth_token_invalid');
    expect([...sent]).toEqual([
      ['/api/metrics', 'Bearer not-the-token'],
      ['/health/live', null],
    ]);
  });

  it('throws the problem when it is asked to', async () => {
    const client = createClient({ baseUrl: api.url });
    await expect(getMetrics({ client, throwOnError: true })).rejects.toMatchObject({ status: 401, code: 'auth_required' });
  });
});
