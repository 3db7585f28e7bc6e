import { OutboxRepository, UserRepository } from '@flowmate/database';
import { Lockdown } from '@flowmate/identity';
import { eventually, verifies } from '@flowmate/testing';
import { startApiUnderTest, type ApiUnderTest } from './harness/api-under-test.js';
import { newPerson, type Person } from './harness/people.js';
import { send, type Answer, type Sent } from './harness/send.js';

const ME = '/api/v1/auth/me';
const SESSIONS = '/api/v1/auth/sessions';
const JSON_TYPE = { 'content-type': 'application/json' };
/** The promise, and a second for the machine. */
const FELT_MS = 6_000;
const SLOW_MS = 30_000;
/** Of a page of ours. */
const PAGE = { ...JSON_TYPE, 'x-flowmate': '1', 'sec-fetch-site': 'same-origin' };

const cookiesOf = ({ headers }: Answer): Record<string, string> =>
  Object.fromEntries((headers['set-cookie'] ?? []).map((cookie) => cookie.split(';', 1)[0]!.split('=', 2)));
const jsonOf = ({ body }: Answer) => JSON.parse(body);

describe(verifies('FM-24', 'FM-54', 'FM-55', 'FS-3', 'sessions over HTTP'), () => {
  let api: ApiUnderTest;
  let ada: Person;

  beforeAll(async () => {
    api = await startApiUnderTest();
  });
  afterAll(() => api.close());
  beforeEach(async () => {
    ada = await newPerson(api);
  });

  const ask = (sent: Sent): Promise<Answer> => send(api.port, sent);
  const me = (token: string): Promise<Answer> => ask({ path: ME, headers: { authorization: `Bearer ${token}` } });
  const refresh = (refreshToken: string): Promise<Answer> =>
    ask({ method: 'POST', path: '/api/v1/auth/refresh', headers: JSON_TYPE, body: JSON.stringify({ refreshToken }) });
  const signOut = (refreshToken: string): Promise<Answer> =>
    ask({ method: 'POST', path: '/api/v1/auth/logout', headers: JSON_TYPE, body: JSON.stringify({ refreshToken }) });

  it('tell who the caller is, and what he may do', async () => {
    const answer = await ask({ path: ME, headers: ada.headers });
    expect(answer.status).toBe(200);
    expect(jsonOf(answer)).toMatchObject({
      kind: 'user',
      email: ada.email,
      role: 'manager',
      workspaceId: ada.workspaceId,
      sessionId: ada.sessionId,
      permissions: expect.arrayContaining(['members:manage']),
    });
    expect(answer.headers['cache-control']).toBe('no-store');
    const line = await api.lineOf(String(answer.headers['x-correlation-id']));
    expect(line).toMatchObject({ user_id: ada.userId, workspaceId: ada.workspaceId });
  });

  it('T09: go on with the tokens of a refresh, of which each is good once', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => refresh(ada.refreshToken)));
    const good = answers.filter(({ status }) => status === 200);
    expect(good).toHaveLength(1);
    const others = answers.filter(({ status }) => status !== 200).map((one) => [one.status, jsonOf(one).code]);
    expect(others).toEqual(Array.from({ length: 19 }, () => [409, 'auth_refresh_race']));
    const { accessToken, refreshToken, tokenType, expiresIn } = jsonOf(good[0]!);
    expect({ tokenType, expiresIn }).toEqual({ tokenType: 'Bearer', expiresIn: 900 });
    expect((await me(accessToken)).status).toBe(200);
    expect((await refresh(refreshToken)).status).toBe(200);
  });

  it(
    'T10: end as a family when an old token comes back, with a notice to the person',
    async () => {
      const second = jsonOf(await refresh(ada.refreshToken));
      const third = jsonOf(await refresh(second.refreshToken));
      const reused = await refresh(ada.refreshToken);
      expect([reused.status, jsonOf(reused).code]).toEqual([401, 'auth_refresh_reused']);
      const newest = await refresh(third.refreshToken);
      expect([newest.status, jsonOf(newest).code]).toEqual([401, 'auth_refresh_invalid']);
      const mails = await api.app.get(OutboxRepository, { strict: false }).latest(50);
      expect(mails.filter(({ to }) => to === ada.email)).toMatchObject([{ kind: 'security-notice' }]);
      await eventually(async () => expect((await me(third.accessToken)).status).toBe(401), FELT_MS);
    },
    SLOW_MS,
  );

  it('T11: are over after a sign-out, and signing out twice is no mistake', async () => {
    expect((await signOut(ada.refreshToken)).status).toBe(204);
    expect(jsonOf(await refresh(ada.refreshToken)).code).toBe('auth_refresh_invalid');
    expect((await me(ada.accessToken)).status).toBe(401);
    expect((await signOut(ada.refreshToken)).status).toBe(204);
  });

  it(
    'T08: of somebody who is disabled, or whose sessions an admin ends, are over within five seconds',
    async () => {
      const admin = await newPerson(api, { role: 'admin' });
      const bob = await newPerson(api);
      expect([(await me(ada.accessToken)).status, (await me(bob.accessToken)).status]).toEqual([200, 200]);
      const path = `/api/v1/admin/users/${ada.userId}`;
      const body = JSON.stringify({ disabled: true });
      const disabled = await ask({ method: 'PATCH', path, headers: { ...JSON_TYPE, ...admin.headers }, body });
      expect(disabled.status).toBe(200);
      expect(jsonOf(disabled)).toMatchObject({ id: ada.userId, disabledAt: expect.any(String) });
      const ended = await ask({
        method: 'DELETE',
        path: `/api/v1/admin/users/${bob.userId}/sessions`,
        headers: admin.headers,
      });
      expect(ended.status).toBe(204);
      for (const { accessToken, refreshToken } of [ada, bob]) {
        await eventually(async () => expect((await me(accessToken)).status).toBe(401), FELT_MS);
        expect(jsonOf(await refresh(refreshToken)).code).toBe('auth_refresh_invalid');
      }
    },
    SLOW_MS,
  );

  it(
    'T08: of somebody who is demoted, or made more, are that within five seconds',
    async () => {
      const users = api.app.get(UserRepository, { strict: false });
      const list = (): Promise<Answer> => ask({ path: '/api/v1/admin/users', headers: ada.headers });
      expect((await list()).status).toBe(403);
      await users.setRole(ada.userId, 'admin');
      await eventually(async () => expect((await list()).status).toBe(200), FELT_MS);
      await users.setRole(ada.userId, 'analyst');
      await eventually(async () => expect(jsonOf(await list()).code).toBe('forbidden_role'), FELT_MS);
    },
    SLOW_MS,
  );

  it('are listed, and ended one by one or all at once', async () => {
    const again = await newPerson(api, { email: ada.email });
    const listed = jsonOf(await ask({ path: SESSIONS, headers: ada.headers })).sessions;
    expect(listed.map((one: { id: string; isCurrent: boolean }) => [one.id, one.isCurrent])).toEqual([
      [again.sessionId, false],
      [ada.sessionId, true],
    ]);
    const one = await ask({ method: 'DELETE', path: `${SESSIONS}/${again.sessionId}`, headers: ada.headers });
    expect(one.status).toBe(204);
    expect((await me(again.accessToken)).status).toBe(401);
    expect((await ask({ method: 'DELETE', path: SESSIONS, headers: ada.headers })).status).toBe(204);
    expect((await me(ada.accessToken)).status).toBe(401);
    expect(jsonOf(await refresh(ada.refreshToken)).code).toBe('auth_refresh_invalid');
  });

  it('end together with all keys of their person, when he or an admin throws everybody out', async () => {
    const admin = await newPerson(api, { role: 'admin' });
    const bob = await newPerson(api);
    for (const [person, path, by] of [
      [ada, `${SESSIONS}?keys=true`, ada],
      [bob, `/api/v1/admin/users/${bob.userId}/sessions?keys=true`, admin],
    ] as const) {
      const body = JSON.stringify({ name: 'k', scopes: ['account:read'] });
      const made = await ask({
        method: 'POST',
        path: '/api/v1/api-keys',
        headers: { ...JSON_TYPE, ...person.headers },
        body,
      });
      const { key } = jsonOf(made);
      expect((await ask({ method: 'DELETE', path, headers: by.headers })).status).toBe(204);
      expect(jsonOf(await me(key)).code).toBe('api_key_invalid');
      const mails = await api.app.get(OutboxRepository, { strict: false }).latest(50);
      expect(mails.filter(({ to }) => to === person.email)).toMatchObject([{ kind: 'security-notice' }]);
    }
  });

  describe(verifies('FM-57', 'of a browser'), () => {
    const withCookie = async (): Promise<Answer> => {
      const cookie = `fm_refresh=${ada.refreshToken}`;
      return ask({ method: 'POST', path: '/api/v1/auth/refresh', headers: { ...PAGE, cookie }, body: '{}' });
    };

    it('are in cookies that no script reads and no other site sends', async () => {
      const answer = await withCookie();
      expect(answer.status).toBe(200);
      expect(Object.keys(jsonOf(answer)).sort()).toEqual(['expiresIn', 'sessionExpiresAt']);
      const [access, renewed] = answer.headers['set-cookie'] ?? [];
      expect(access).toMatch(/^fm_access=[\w.-]+; Max-Age=900; Path=\/; HttpOnly; SameSite=Strict$/);
      expect(renewed).toMatch(/^fm_refresh=[\w.-]+; Max-Age=604800; Path=\/; HttpOnly; SameSite=Strict$/);
      const { fm_access: token } = cookiesOf(answer);
      expect((await ask({ path: ME, headers: { cookie: `fm_access=${token}` } })).status).toBe(200);
    });

    it('change things only with the proof that a page of ours asked', async () => {
      const cookie = `fm_access=${ada.accessToken}`;
      const end = (headers: Record<string, string>): Promise<Answer> =>
        ask({ method: 'DELETE', path: `${SESSIONS}/${ada.sessionId}`, headers: { cookie, ...headers } });
      expect((await end({})).status).toBe(403);
      expect((await end({ 'x-flowmate': '1', origin: `http://127.0.0.1:${api.port}` })).status).toBe(204);
    });

    it('are taken away when they are worth nothing any more', async () => {
      await signOut(ada.refreshToken);
      const answer = await withCookie();
      expect(answer.status).toBe(401);
      expect(cookiesOf(answer)).toEqual({ fm_access: '', fm_refresh: '' });
    });

    it('behind TLS are named so that a browser takes them from nobody else', async () => {
      const secure = await startApiUnderTest({ variables: { PUBLIC_APP_URL: 'https://app.example.com' } });
      try {
        const eve = await newPerson(secure);
        const cookie = `__Host-fm_refresh=${eve.refreshToken}`;
        const headers = { ...JSON_TYPE, 'x-flowmate': '1', origin: 'https://app.example.com', cookie };
        const answer = await send(secure.port, { method: 'POST', path: '/api/v1/auth/refresh', headers, body: '{}' });
        expect(answer.headers['set-cookie']).toEqual([
          expect.stringMatching(/^__Host-fm_access=\S+; Max-Age=900; Path=\/; HttpOnly; Secure; SameSite=Strict$/),
          expect.stringMatching(/^__Host-fm_refresh=\S+; Max-Age=604800; Path=\/; HttpOnly; Secure; SameSite=Strict$/),
        ]);
        const local = { ...headers, origin: `http://127.0.0.1:${secure.port}`, cookie: 'fm_refresh=x' };
        const plain = await send(secure.port, {
          method: 'POST',
          path: '/api/v1/auth/refresh',
          headers: local,
          body: '{}',
        });
        expect(plain.status).toBe(401);
      } finally {
        await secure.close();
      }
    });
  });
});

describe('signing keys', () => {
  it('T20: rotate without signing anybody out, and the old one is worth nothing after that', async () => {
    const old = '77aa0f2d9c41b8e6530f1d7a6c2be94805d3f7a1c86b24e09f5d7130ab6ce842';
    const before = await startApiUnderTest({ variables: { JWT_SECRET: old } });
    const ada = await newPerson(before);
    const stores = { MONGODB_DATABASE: before.name };
    const during = await startApiUnderTest({ variables: { ...stores, JWT_SECRET_PREVIOUS: old } });
    const after = await startApiUnderTest({ variables: stores });
    try {
      const ask = ({ port }: ApiUnderTest): Promise<Answer> => send(port, { path: ME, headers: ada.headers });
      expect([(await ask(before)).status, (await ask(during)).status]).toEqual([200, 200]);
      expect(jsonOf(await ask(after)).code).toBe('auth_token_invalid');
    } finally {
      await Promise.all([before.close(), during.close(), after.close()]);
    }
  });
});

describe(verifies('FS-2', 'a lockdown'), () => {
  it('lets everybody read and only admins change', async () => {
    const api = await startApiUnderTest();
    try {
      const [ada, admin] = [await newPerson(api), await newPerson(api, { role: 'admin' })];
      await api.app.get(Lockdown, { strict: false }).set(true, { actor: { kind: 'operator' } });
      const make = ({ headers }: Person): Promise<Answer> =>
        send(api.port, {
          method: 'POST',
          path: '/api/v1/workspaces',
          headers: { ...JSON_TYPE, ...headers },
          body: JSON.stringify({ name: 'locked' }),
        });
      expect([(await make(ada)).status, jsonOf(await make(ada)).code]).toEqual([403, 'instance_locked']);
      expect((await make(admin)).status).toBe(201);
      expect((await send(api.port, { path: ME, headers: ada.headers })).status).toBe(200);
      // Who wants to throw a thief out does not have to wait for the end of it.
      const end = { method: 'DELETE', path: `${SESSIONS}?keys=true`, headers: ada.headers };
      expect((await send(api.port, end)).status).toBe(204);
    } finally {
      await api.close();
    }
  });
});
