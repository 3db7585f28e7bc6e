import { createClient, getWelcome, type Client } from '@flowmate/client';
import { verifies } from '@flowmate/testing';
import { startApiUnderTest, type ApiUnderTest } from './harness/api-under-test.js';

describe(verifies('FM-36', 'the welcome'), () => {
  let api: ApiUnderTest;
  let client: Client;

  beforeAll(async () => {
    api = await startApiUnderTest();
    client = createClient({ baseUrl: api.url });
  });
  afterAll(async () => api.close());

  it('says name, version and where to go next, without credentials', async () => {
    const { data, response } = await getWelcome({ client });
    expect(response?.status).toBe(200);
    expect(data).toEqual({
      name: 'FlowMate',
      message: expect.stringContaining('Welcome to FlowMate'),
      version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
      apiVersion: 'v1',
      links: { self: '/api/v1', health: '/health/live', docs: '/api/docs', openapi: '/api/docs-json' },
    });
  });

  it('names only links that answer', async () => {
    const { data } = await getWelcome({ client, throwOnError: true });
    for (const url of Object.values(data.links)) {
      const { response } = await client.get({ url, parseAs: 'text' });
      expect({ url, status: response?.status }).toEqual({ url, status: 200 });
    }
  });

  it.each(['*/*', 'application/json', 'image/png'])('is the same at the root for Accept: %s', async (accept) => {
    const { data } = await getWelcome({ client });
    const root = await client.get({ url: '/', headers: { accept }, redirect: 'manual' });
    expect(root.response?.status).toBe(200);
    expect(root.data).toEqual(data);
  });

  it('sends a browser from the root to a page, and tells caches why', async () => {
    const accept = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';
    const { response } = await client.get({ url: '/', headers: { accept }, redirect: 'manual' });
    expect(response?.status).toBe(303);
    expect(response?.headers.get('location')).toBe('/api/docs');
  });

  it.each(['text/html', 'application/json'])('varies at the root by Accept, asked for %s', async (accept) => {
    const { response } = await client.get({ url: '/', headers: { accept }, redirect: 'manual' });
    const varies = response?.headers.get('vary')?.split(/,\s*/);
    expect(varies).toEqual(['Accept', 'Origin']);
  });

  it('refuses a parameter that it does not have with a typed problem', async () => {
    // The client's types know no parameter here, so it is put in on the way out.
    const misspelt = (sent: Parameters<typeof fetch>[0]): Promise<Response> => {
      const request = sent as Request; // the client always sends one
      return fetch(new Request(`${request.url}?verbose=1`, request));
    };
    const headers = { 'x-correlation-id': 'welcome-refused' };
    const { data, error, response } = await getWelcome({ client, headers, fetch: misspelt });
    expect(data).toBeUndefined();
    expect(response?.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    expect(error?.status).toBe(400);
    expect(error?.code).toBe('validation_failed');
    expect(error?.correlationId).toBe('welcome-refused');
    expect(error?.errors).toEqual([{ path: '', rule: 'unrecognized_keys', message: 'takes no query parameters' }]);
  });
});
