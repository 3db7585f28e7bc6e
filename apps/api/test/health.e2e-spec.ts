import { createClient, getHealth, getLiveness, type Client } from '@flowmate/client';
import { verifies } from '@flowmate/testing';
import { startApiUnderTest, type ApiUnderTest } from './harness/api-under-test.js';

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
