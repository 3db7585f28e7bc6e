import { Redis } from '@flowmate/redis';
import { startApiUnderTest, TEST_SECRETS, type ApiUnderTest } from './harness/api-under-test.js';
import { OpenIdProvider } from './harness/openid.js';
import { redisDump } from './harness/redis-dump.js';
import { send, type Answer, type Sent } from './harness/send.js';
import { StoreDigest } from './harness/store-digest.js';

const APP = 'http://127.0.0.1:9322';
const CLIENT_SECRET = 'a secret between the two';
const EMAIL = 'canary@example.com';

/** Everything secret that a life of an account brings forth, by what it is. */
class Secrets {
  private readonly all = new Map<string, string>();

  /** The answers that hand one out may hold it; no other may. */
  plant(name: string, value: unknown): string {
    if (typeof value !== 'string' || value.length < 20) throw new Error(`${name} is not there`);
    this.all.set(name, value);
    return value;
  }

  get count(): number {
    return this.all.size;
  }

  /** Which of them a text holds: as it is, or as links and headers write it. */
  in(text: string): string[] {
    return [...this.all].flatMap(([name, value]) =>
      [value, encodeURIComponent(value), Buffer.from(value).toString('base64url')].some((form) => text.includes(form))
        ? [name]
        : [],
    );
  }
}

describe('secrets of a whole life: sign-in, refresh, keys, tickets, invites, OpenID', () => {
  let provider: OpenIdProvider;
  let api: ApiUnderTest;
  let store: StoreDigest;
  const secrets = new Secrets();
  /** All that is shown later: lists, exports, errors. */
  const shown: string[] = [];

  beforeAll(async () => {
    provider = await OpenIdProvider.start(`${APP}/api/v1/auth/oidc/callback`);
    api = await startApiUnderTest({
      modules: [],
      variables: {
        DEV_MAILBOX: 'true',
        AUDIT_LOG: 'on',
        PUBLIC_APP_URL: APP,
        OIDC_ISSUER_URL: provider.issuer,
        OIDC_CLIENT_ID: 'flowmate',
        OIDC_CLIENT_SECRET: CLIENT_SECRET,
      },
    });
    store = new StoreDigest(api.name);
  });
  afterAll(async () => {
    await store.close();
    await api.close();
    await provider.stop();
  });

  const ask = (sent: Sent): Promise<Answer> => send(api.port, sent);
  const post = (path: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> =>
    ask({
      method: 'POST',
      path,
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  const linkTo = async (to: string): Promise<URLSearchParams> => {
    const { body } = await ask({ path: '/dev/mailbox/messages', headers: { host: '127.0.0.1' } });
    const mail = JSON.parse(body).messages.find((one: { to: string }) => one.to === to);
    return new URLSearchParams(new URL(mail.link).hash.slice(1));
  };
  const cookieOf = ({ headers }: Answer, name: string): string =>
    (headers['set-cookie'] ?? []).find((one) => one.startsWith(`${name}=`))?.split(/[=;]/)[1] ?? '';

  const signInByLink = async (): Promise<Record<string, string>> => {
    const requested = await post('/api/v1/auth', { email: EMAIL });
    const requestId = secrets.plant('request id', JSON.parse(requested.body).requestId);
    secrets.plant('browser binding', cookieOf(requested, 'fm_browser'));
    const token = secrets.plant('link token', (await linkTo(EMAIL)).get('token'));
    shown.push((await post('/api/v1/auth/verify', { token })).body);
    const session = JSON.parse((await post('/api/v1/auth/verify', { token, requestId })).body);
    const first = secrets.plant('first refresh token', session.refreshToken);
    secrets.plant('first access token', session.accessToken);
    const renewed = JSON.parse((await post('/api/v1/auth/refresh', { refreshToken: first })).body);
    secrets.plant('second refresh token', renewed.refreshToken);
    shown.push((await post('/api/v1/auth/refresh', { refreshToken: first })).body);
    return { authorization: `Bearer ${secrets.plant('second access token', renewed.accessToken)}` };
  };

  const makeKeys = async (headers: Record<string, string>): Promise<void> => {
    const wanted = { name: 'canary', scopes: ['account:read'] };
    const { id, key } = JSON.parse((await post('/api/v1/api-keys', wanted, headers)).body);
    secrets.plant('api key', key);
    shown.push((await ask({ path: '/api/v1/auth/me', headers: { authorization: `Bearer ${key}` } })).body);
    shown.push((await ask({ path: '/api/v1/auth/me', headers: { authorization: `Bearer ${key}x` } })).body);
    const rotated = await post(`/api/v1/api-keys/${id}/rotate`, {}, headers);
    secrets.plant('rotated api key', JSON.parse(rotated.body).key);
  };

  const signInByOidc = async (): Promise<void> => {
    const begun = await ask({ path: '/api/v1/auth/oidc/login' });
    const url = new URL(String(begun.headers.location));
    secrets.plant('state', url.searchParams.get('state'));
    secrets.plant('nonce', url.searchParams.get('nonce'));
    const binding = secrets.plant('OpenID binding', cookieOf(begun, 'fm_oidc'));
    const back = await provider.signIn(url.href, 'canary-oidc@example.com!verified');
    secrets.plant('code', back.searchParams.get('code'));
    const path = `/api/v1/auth/oidc/callback${back.search}`;
    const headers = { cookie: `fm_oidc=${binding}` };
    const done = await ask({ path, headers });
    secrets.plant('cookie of access', cookieOf(done, 'fm_access'));
    secrets.plant('cookie of refresh', cookieOf(done, 'fm_refresh'));
    const again = JSON.parse((await ask({ path, headers })).body);
    // A problem names the path, never the query.
    shown.push(JSON.stringify(again));
  };

  it('are in no log, no audit line, no plain field of the store, no key of Redis, and in no later answer', async () => {
    for (const [name, value] of Object.entries({ ...TEST_SECRETS, CLIENT_SECRET })) secrets.plant(name, value);
    const headers = await signInByLink();
    await makeKeys(headers);
    secrets.plant(
      'ticket',
      JSON.parse((await post('/api/v1/stream-tickets', { path: '/api/v1/stream' }, headers)).body).ticket,
    );
    const team = JSON.parse((await post('/api/v1/workspaces', { name: 'Canaries' }, headers)).body);
    const guest = 'canary-guest@example.com';
    await post(`/api/v1/workspaces/${team.id}/invites`, { email: guest, role: 'analyst' }, headers);
    secrets.plant('invitation', (await linkTo(guest)).get('token'));
    await signInByOidc();
    const paths = ['auth/me', 'auth/sessions', 'api-keys', 'audit', 'workspaces', 'auth/me/export'];
    for (const path of [...paths, `workspaces/${team.id}/invites`, `workspaces/${team.id}/export`]) {
      const { status, body } = await ask({ path: `/api/v1/${path}`, headers });
      expect([path, status]).toEqual([path, 200]);
      shown.push(body);
    }

    expect(secrets.count).toBeGreaterThanOrEqual(19);
    const [log, mongo, redis] = [api.raw(), await store.dump(), await redisDump(api.app.get(Redis, { strict: false }))];
    // Each of the places is really looked at.
    expect(log).toContain('"stream":"audit"');
    expect(mongo).toContain(EMAIL);
    expect(redis).toContain('limit');
    expect({
      log: secrets.in(log),
      mongo: secrets.in(mongo),
      redis: secrets.in(redis),
      answers: secrets.in(shown.join()),
    }).toEqual({ log: [], mongo: [], redis: [], answers: [] });
  }, 30_000);
});
