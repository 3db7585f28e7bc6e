import { Redis } from '@flowmate/redis';
import { eventually, verifies } from '@flowmate/testing';
import { RedisServer } from '../../../libs/redis/test/redis-server.js';
import { startApiUnderTest, type ApiUnderTest } from './harness/api-under-test.js';
import { OpenIdProvider } from './harness/openid.js';
import { newPerson } from './harness/people.js';
import { send, type Answer } from './harness/send.js';

const APP = 'http://127.0.0.1:9322';
const V1 = '/api/v1';
const CALLBACK = `${V1}/auth/oidc/callback`;

type Json = ReturnType<typeof JSON.parse>;
type Headers = Record<string, string>;
const jsonOf = ({ body }: Answer): Json => JSON.parse(body);
const cookiesOf = ({ headers }: Answer): string =>
  (headers['set-cookie'] ?? []).map((line) => line.split(';', 1)[0]).join('; ');

describe(verifies('U-4', 'who is signed in'), () => {
  const redis = new RedisServer('redis-server');
  let provider: OpenIdProvider;
  let api: ApiUnderTest;

  beforeAll(async () => {
    [provider] = await Promise.all([OpenIdProvider.start(`${APP}${CALLBACK}`), redis.start()]);
    api = await startApiUnderTest({
      modules: [],
      variables: {
        REDIS_URL: redis.url(),
        PUBLIC_APP_URL: APP,
        DEV_MAILBOX: 'true',
        OIDC_ISSUER_URL: provider.issuer,
        OIDC_CLIENT_ID: 'flowmate',
        OIDC_CLIENT_SECRET: 'a secret between the two',
      },
    });
  });
  afterAll(async () => {
    await api.close();
    await Promise.all([provider.stop(), redis.dispose()]);
  });

  const post = (path: string, body: object, headers: Headers = {}): Promise<Answer> =>
    send(api.port, {
      method: 'POST',
      path: `${V1}${path}`,
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  const me = (headers: Headers): Promise<Answer> => send(api.port, { path: `${V1}/auth/me`, headers });
  const refresh = (refreshToken: string): Promise<Answer> => post('/auth/refresh', { refreshToken });

  const byLink = async (email: string): Promise<{ headers: Headers; refreshToken: string }> => {
    const { requestId } = jsonOf(await post('/auth', { email }));
    const box = await send(api.port, { path: '/dev/mailbox/messages', headers: { host: '127.0.0.1' } });
    const { link } = jsonOf(box).messages.find(({ to }: { to: string }) => to === email);
    const token = new URLSearchParams(new URL(link).hash.slice(1)).get('token');
    const { accessToken, refreshToken } = jsonOf(await post('/auth/verify', { token, requestId }));
    return { headers: { authorization: `Bearer ${accessToken}` }, refreshToken };
  };
  const byProvider = async (account: string): Promise<Headers> => {
    const begun = await send(api.port, { path: `${V1}/auth/oidc/login` });
    const back = await provider.signIn(String(begun.headers.location), account);
    const answer = await send(api.port, { path: `${CALLBACK}${back.search}`, headers: { cookie: cookiesOf(begun) } });
    return { cookie: cookiesOf(answer) };
  };
  const byKey = async (headers: Headers): Promise<{ id: string; headers: Headers }> => {
    const { id, key } = jsonOf(await post('/api-keys', { name: 'K', scopes: ['account:read'] }, headers));
    return { id, headers: { authorization: `Bearer ${key}` } };
  };

  it('by a link, at a provider or with a key stays it when Redis is gone or has lost everything, and who is out stays out', async () => {
    const [linked, provided] = [await byLink('linked@example.com'), await byProvider('provided@example.com!verified')];
    const [key, revoked] = [await byKey(linked.headers), await byKey(linked.headers)];
    const out = await newPerson(api, { email: 'out@example.com' });
    const headers: Headers = { ...out.headers };
    expect((await send(api.port, { method: 'DELETE', path: `${V1}/auth/sessions`, headers })).status).toBe(204);
    const revoke = { method: 'DELETE', path: `${V1}/api-keys/${revoked.id}`, headers: linked.headers };
    expect((await send(api.port, revoke)).status).toBe(204);

    const everybody = async (): Promise<unknown[]> => {
      const all = await Promise.all([linked.headers, provided, key.headers].map(me));
      return all.map((answer) => [answer.status, jsonOf(answer).email]);
    };
    const [a, b] = ['linked@example.com', 'provided@example.com'];
    const still = [
      [200, a],
      [200, b],
      [200, a],
    ];
    const outside = async (): Promise<number[]> =>
      (await Promise.all([me(headers), me(revoked.headers), refresh(out.refreshToken)])).map(({ status }) => status);

    expect(await everybody()).toEqual(still);
    await redis.end();
    expect([await everybody(), await outside()]).toEqual([still, [401, 401, 401]]);
    const next = await refresh(linked.refreshToken);
    expect(next.status).toBe(200);

    await redis.start();
    const store = api.app.get(Redis, { strict: false });
    await eventually(() => expect(store.state).toBe('connected'), 10_000);
    await store.send('FLUSHALL', []);
    expect([await everybody(), await outside()]).toEqual([still, [401, 401, 401]]);
    expect((await refresh(jsonOf(next).refreshToken)).status).toBe(200);
  }, 20_000);
});
