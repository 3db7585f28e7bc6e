import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { createClient, getCpuProfile, getLiveness, getMetrics, type Client } from '@flowmate/client';
import { OPERATOR_TOKEN, startApiUnderTest, type ApiUnderTest } from './harness/api-under-test.js';

describe('the generated client', () => {
  let api: ApiUnderTest;

  beforeAll(async () => {
    api = await startApiUnderTest();
  });
  afterAll(async () => api.close());

  const clientWith = (auth?: string): Client => createClient({ baseUrl: api.url, auth });

  it('sends its token to operations that ask for one and to no other', async () => {
    const client = clientWith(OPERATOR_TOKEN);
    const metrics = await getMetrics({ client });
    const live = await getLiveness({ client });
    expect(metrics.data).toContain('http_requests_total');
    expect(metrics.request?.headers.get('authorization')).toBe(`Bearer ${OPERATOR_TOKEN}`);
    expect(live.request?.headers.has('authorization')).toBe(false);
  });

  it('keeps what one client knows from every other', async () => {
    clientWith(OPERATOR_TOKEN);
    const { error } = await getMetrics({ client: clientWith() });
    expect(error?.code).toBe('auth_required');
  });

  it('returns the problem beside the answer, or throws it when asked to', async () => {
    const client = clientWith('not-the-token');
    const { data, error, response } = await getMetrics({ client });
    expect(data).toBeUndefined();
    expect(error).toMatchObject({ status: 401, code: 'auth_token_invalid' });
    expect(error?.correlationId).toBe(response?.headers.get('x-correlation-id'));
    await expect(getMetrics({ client, throwOnError: true })).rejects.toMatchObject({ code: 'auth_token_invalid' });
  });

  it('says which input is wrong, by path and rule', async () => {
    const { error } = await getCpuProfile({ client: clientWith(OPERATOR_TOKEN), query: { seconds: 61 } });
    expect(error?.errors).toEqual([{ path: 'seconds', rule: 'max', message: 'must not be greater than 60' }]);
  });

  it('has an error and no answer when nobody listens', async () => {
    const gone = createServer().listen(0, '127.0.0.1');
    await once(gone, 'listening');
    const { port } = gone.address() as AddressInfo; // of a listening TCP server
    gone.close();
    await once(gone, 'close');
    const { error, response } = await getLiveness({ client: createClient({ baseUrl: `http://127.0.0.1:${port}` }) });
    expect(response).toBeUndefined();
    expect(String(error)).toBe('TypeError: fetch failed');
  });
});
