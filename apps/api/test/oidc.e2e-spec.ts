import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { randomToken, tokenHash } from '@flowmate/crypto';
import { OidcFlowRepository, UserRepository } from '@flowmate/database';
import { eventually, verifies } from '@flowmate/testing';
import { startApiUnderTest, TEST_SECRETS, type ApiUnderTest } from './harness/api-under-test.js';
import { OpenIdProvider } from './harness/openid.js';
import { newPerson } from './harness/people.js';
import { send, type Answer } from './harness/send.js';
import { StoreDigest } from './harness/store-digest.js';

const APP = 'http://127.0.0.1:9321';
const LOGIN = '/api/v1/auth/oidc/login';
const CALLBACK = '/api/v1/auth/oidc/callback';

interface Begun {
  readonly url: URL;
  readonly cookie: string;
}

const codeOf = ({ body }: Answer): string => JSON.parse(body).code;
const cookieOf = ({ headers }: Answer, name: string): string | undefined =>
  (headers['set-cookie'] ?? []).find((one) => one.startsWith(`${name}=`))?.split(/[=;]/)[1];

describe(verifies('FR-9', 'sign-in at an OpenID provider'), () => {
  let provider: OpenIdProvider;
  let api: ApiUnderTest;
  let store: StoreDigest;
  let variables: Record<string, string>;

  beforeAll(async () => {
    provider = await OpenIdProvider.start(`${APP}${CALLBACK}`);
    variables = {
      PUBLIC_APP_URL: APP,
      OIDC_ISSUER_URL: provider.issuer,
      OIDC_CLIENT_ID: 'flowmate',
      OIDC_CLIENT_SECRET: 'a secret between the two',
      OIDC_ROLE_CLAIM: 'realm_access.roles',
      OIDC_ROLES: 'flowmate-admins=admin,readers=analyst',
      RATE_LIMIT_ROUTES: 'oidc=1000/1m',
    };
    api = await startApiUnderTest({ variables });
    store = new StoreDigest(api.name);
  });
  afterAll(async () => {
    await store.close();
    await api.close();
    await provider.stop();
  });

  const begin = async (redirectTo = '/agents'): Promise<Begun> => {
    const answer = await send(api.port, { path: `${LOGIN}?redirectTo=${encodeURIComponent(redirectTo)}` });
    expect(answer.status).toBe(303);
    const [cookie = ''] = (answer.headers['set-cookie'] ?? []).map((one) => one.split(';', 1)[0]!);
    return { url: new URL(String(answer.headers.location)), cookie };
  };
  const comeBack = ({ search }: URL, cookie: string): Promise<Answer> =>
    send(api.port, { path: `${CALLBACK}${search}`, headers: { cookie } });
  const signIn = async (account: string): Promise<Answer> => {
    const { url, cookie } = await begin();
    return comeBack(await provider.signIn(url.href, account), cookie);
  };
  const whoIs = async (answer: Answer): Promise<Record<string, unknown>> => {
    const cookie = `fm_access=${cookieOf(answer, 'fm_access')}`;
    return JSON.parse((await send(api.port, { path: '/api/v1/auth/me', headers: { cookie } })).body);
  };

  it('sends the browser to the provider with a challenge that only this browser can answer', async () => {
    const answer = await send(api.port, { path: LOGIN });
    const url = new URL(String(answer.headers.location));
    expect(url.origin).toBe(provider.issuer);
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      client_id: 'flowmate',
      redirect_uri: `${APP}${CALLBACK}`,
      response_type: 'code',
      scope: 'openid email profile',
      code_challenge_method: 'S256',
      state: expect.stringMatching(/^[\w-]{43}$/),
      nonce: expect.stringMatching(/^[\w-]{43}$/),
    });
    expect(answer.headers['set-cookie']).toEqual([
      expect.stringMatching(/^fm_oidc=[\w-]{43}; Max-Age=600; Path=\/; HttpOnly; SameSite=Lax$/),
    ]);
  });

  it('makes an account, signs in by cookies and goes on to where the person wanted', async () => {
    const answer = await signIn('oidc-new@example.com!verified');
    expect({ status: answer.status, location: answer.headers.location }).toEqual({ status: 303, location: '/agents' });
    expect(cookieOf(answer, 'fm_oidc')).toBe('');
    expect(await whoIs(answer)).toMatchObject({ email: 'oidc-new@example.com', role: 'manager', isAdmin: false });
  });

  it('goes on when the encryption key is changed in between', async () => {
    const { url, cookie } = await begin();
    const { search } = await provider.signIn(url.href, 'over-a-change@example.com!verified');
    const keys = {
      INTEGRATION_ENC_KEY: 'e4071b9dc6258af3'.repeat(4),
      INTEGRATION_ENC_KEY_PREVIOUS: TEST_SECRETS.INTEGRATION_ENC_KEY,
    };
    const changed = await startApiUnderTest({ variables: { ...variables, ...keys, MONGODB_DATABASE: api.name } });
    try {
      const answer = await send(changed.port, { path: `${CALLBACK}${search}`, headers: { cookie } });
      expect(await whoIs(answer)).toMatchObject({ email: 'over-a-change@example.com' });
    } finally {
      await changed.close();
    }
  });

  it('is the account of the same verified address, however it was made', async () => {
    const ada = await newPerson(api, { email: 'ada@example.com' });
    const answer = await signIn('Ada@example.com!verified');
    expect(await whoIs(answer)).toMatchObject({ userId: ada.userId });
    const user = await api.app.get(UserRepository, { strict: false }).find(ada.userId);
    expect(user?.identities).toEqual([{ issuer: provider.issuer, subject: 'Ada@example.com!verified' }]);
  });

  it('never gives an account to somebody whose address the provider does not vouch for', async () => {
    const eve = await newPerson(api, { email: 'victim@example.com' });
    const answer = await signIn('victim@example.com!unverified');
    expect([answer.status, codeOf(answer)]).toEqual([403, 'oidc_email_unverified']);
    expect(cookieOf(answer, 'fm_access')).toBeUndefined();
    const user = await api.app.get(UserRepository, { strict: false }).find(eve.userId);
    expect(user?.identities).toEqual([]);
  });

  it('never gives an account for an address that stands elsewhere than the word for it', async () => {
    await newPerson(api, { email: 'split-victim@example.com' });
    const answer = await signIn('split-thief@example.com!verified!!split-victim@example.com');
    expect(await whoIs(answer)).toMatchObject({ email: 'split-thief@example.com' });
  });

  it('takes what stands in the ID token, where everything does', async () => {
    const answer = await signIn('whole@example.com!verified!readers!whole');
    expect(await whoIs(answer)).toMatchObject({ email: 'whole@example.com', role: 'analyst' });
  });

  it('never gives an account to another identity that got the address later', async () => {
    expect((await signIn('heir@example.com!verified')).status).toBe(303);
    const answer = await signIn('heir@example.com!verified!readers');
    expect([answer.status, codeOf(answer)]).toEqual([403, 'oidc_other_identity']);
    expect(cookieOf(answer, 'fm_access')).toBeUndefined();
  });

  it('goes on in two tabs of a browser, and after one of them was refused', async () => {
    const one = await begin();
    const answer = await send(api.port, { path: LOGIN, headers: { cookie: one.cookie } });
    expect(cookieOf(answer, 'fm_oidc')).toBe(one.cookie.split('=')[1]);
    const refused = await comeBack(new URL(`${APP}${CALLBACK}?state=${'s'.repeat(43)}`), one.cookie);
    expect([refused.status, cookieOf(refused, 'fm_oidc')]).toEqual([400, undefined]);
    const back = await provider.signIn(String(answer.headers.location), 'tabs@example.com!verified');
    expect((await comeBack(back, one.cookie)).status).toBe(303);
  });

  it('begins again when what was sealed for it does not open any more', async () => {
    const [state, binding] = [randomToken(), randomToken()];
    await api.app.get(OidcFlowRepository, { strict: false }).create({
      stateHash: tokenHash(state),
      sealed: 'v1.of-another-key-than-this-one-is',
      bindingHash: tokenHash(binding),
      redirectTo: '/',
      expiresAt: new Date(Date.now() + 60_000),
    });
    const answer = await comeBack(new URL(`${APP}${CALLBACK}?state=${state}&code=c`), `fm_oidc=${binding}`);
    expect([answer.status, codeOf(answer)]).toEqual([400, 'oidc_state_invalid']);
  });

  it('behind TLS takes its cookie from no neighbour', async () => {
    const secure = await startApiUnderTest({
      variables: {
        PUBLIC_APP_URL: 'https://app.example.com',
        OIDC_ISSUER_URL: provider.issuer,
        OIDC_CLIENT_ID: 'flowmate',
        OIDC_CLIENT_SECRET: 'a secret between the two',
      },
    });
    try {
      const { headers } = await send(secure.port, { path: LOGIN });
      expect(headers['set-cookie']).toEqual([
        expect.stringMatching(/^__Host-fm_oidc=[\w-]{43}; Max-Age=600; Path=\/; HttpOnly; Secure; SameSite=Lax$/),
      ]);
    } finally {
      await secure.close();
    }
  });

  it('takes the role that the provider names', async () => {
    expect(await whoIs(await signIn('chief@example.com!verified!flowmate-admins+readers'))).toMatchObject({
      isAdmin: true,
    });
    expect(await whoIs(await signIn('reader@example.com!verified!readers+unknown'))).toMatchObject({ role: 'analyst' });
  });

  it('goes on after the provider has changed its keys', async () => {
    await provider.rotate();
    const answer = await signIn('rotated@example.com!verified');
    expect(await whoIs(answer)).toMatchObject({ email: 'rotated@example.com' });
  });

  describe('attacks', () => {
    const refused = async (answer: Answer, status: number, code: string): Promise<void> => {
      expect([answer.status, codeOf(answer)]).toEqual([status, code]);
      expect(cookieOf(answer, 'fm_access')).toBeUndefined();
      expect(cookieOf(answer, 'fm_refresh')).toBeUndefined();
      const line = await api.lineOf(String(answer.headers['x-correlation-id']));
      expect(line).toMatchObject({ status, code });
    };

    it('a state is good once', async () => {
      const { url, cookie } = await begin();
      const back = await provider.signIn(url.href, 'once@example.com!verified');
      const all = await Promise.all(Array.from({ length: 5 }, () => comeBack(back, cookie)));
      expect(all.filter(({ status }) => status === 303)).toHaveLength(1);
      for (const answer of all.filter(({ status }) => status !== 303)) await refused(answer, 400, 'oidc_state_invalid');
    });

    it('a state is good in the browser that began only', async () => {
      const [mine, theirs] = [await begin(), await begin()];
      const back = await provider.signIn(theirs.url.href, 'fixation@example.com!verified');
      await refused(await comeBack(back, mine.cookie), 400, 'oidc_state_invalid');
      await refused(await comeBack(back, ''), 400, 'oidc_state_invalid');
    });

    it('a code of another sign-in is not taken', async () => {
      const [mine, theirs] = [await begin(), await begin()];
      const back = await provider.signIn(theirs.url.href, 'injection@example.com!verified');
      back.searchParams.set('state', String(mine.url.searchParams.get('state')));
      await refused(await comeBack(back, mine.cookie), 502, 'oidc_provider_error');
      expect(api.raw()).not.toContain(String(back.searchParams.get('code')));
    });

    it('an ID token with another nonce is not taken', async () => {
      const { url, cookie } = await begin();
      url.searchParams.set('nonce', 'n'.repeat(43));
      const back = await provider.signIn(url.href, 'nonce@example.com!verified');
      await refused(await comeBack(back, cookie), 400, 'oidc_state_invalid');
    });

    it.each([
      ['another', (back: URL) => back.searchParams.set('iss', 'https://evil.example')],
      ['no', (back: URL) => back.searchParams.delete('iss')],
    ] as const)('an answer that names %s issuer is not taken', async (_, change) => {
      const { url, cookie } = await begin();
      const back = await provider.signIn(url.href, 'mixup@example.com!verified');
      change(back);
      await refused(await comeBack(back, cookie), 400, 'oidc_state_invalid');
    });

    it('what the provider says of an error is not repeated', async () => {
      const { url, cookie } = await begin();
      const back = new URL(`${APP}${CALLBACK}`);
      const state = String(url.searchParams.get('state'));
      back.search = new URLSearchParams({ state, error: 'access_denied', error_description: '<script>' }).toString();
      const answer = await comeBack(back, cookie);
      await refused(answer, 400, 'oidc_denied');
      expect(answer.body).not.toContain('script');
    });

    it('fill no audit trail', async () => {
      const failures = async (): Promise<number> => (await store.dump()).split('auth.sign_in_failed').length;
      for (let i = 0; i < 20; i++) await comeBack(new URL(`${APP}${CALLBACK}?state=${i}`), '');
      // One entry of those that were refused, and one of those where the provider failed.
      expect(await failures()).toBeLessThanOrEqual(3);
    });

    it.each(['/\u65e5', '//evil.example', '/\\evil.example', 'https://evil.example', 'javascript:alert(1)'])(
      'nobody is sent on to %s',
      async (redirectTo) => {
        const answer = await send(api.port, { path: `${LOGIN}?redirectTo=${encodeURIComponent(redirectTo)}` });
        expect([answer.status, codeOf(answer)]).toEqual([400, 'validation_failed']);
      },
    );

    it('leave nothing to read in the store: no state, no nonce, no verifier, no code', async () => {
      const { url, cookie } = await begin();
      const [state, nonce] = ['state', 'nonce'].map((name) => String(url.searchParams.get(name)));
      const whole = await provider.signIn(url.href, 'canary@example.com!verified');
      const code = String(whole.searchParams.get('code'));
      const before = await store.dump();
      expect((await comeBack(whole, cookie)).status).toBe(303);
      const dump = before + (await store.dump());
      for (const secret of [state!, nonce!, code, cookie.split('=')[1]!]) {
        expect(dump).not.toContain(secret);
        expect(api.raw()).not.toContain(secret);
      }
    });
  });

  it('is not there where no provider is configured', async () => {
    const plain = await startApiUnderTest();
    try {
      const answers = [await send(plain.port, { path: LOGIN }), await send(plain.port, { path: CALLBACK })];
      expect(answers.map((answer) => answer.status)).toEqual([404, 404]);
    } finally {
      await plain.close();
    }
  });

  it('asks a slow provider once, however many sign in at the same time', async () => {
    let asked = 0;
    const slow = createServer((_, response) => {
      asked += 1;
      waiting.push(() => response.writeHead(500).end());
    });
    const waiting: Array<() => void> = [];
    await once(slow.listen(0, '127.0.0.1'), 'listening');
    const { port } = slow.address() as AddressInfo;
    const variables = {
      OIDC_ISSUER_URL: `http://127.0.0.1:${port}`,
      OIDC_CLIENT_ID: 'flowmate',
      OIDC_CLIENT_SECRET: 'a secret between the two',
    };
    const hurried = await startApiUnderTest({ variables });
    try {
      const answers = Array.from({ length: 10 }, () => send(hurried.port, { path: LOGIN }));
      await eventually(() => expect(asked).toBe(1));
      // By the time that this one is answered, the ten before it have asked what they ask.
      await send(hurried.port, { path: '/api/v1' });
      for (const answer of waiting) answer();
      expect((await Promise.all(answers)).map(codeOf)).toEqual(Array(10).fill('oidc_provider_error'));
      expect(asked).toBe(1);
    } finally {
      await hurried.close();
      slow.close();
    }
  });

  it('says so when the provider does not answer', async () => {
    const variables = {
      OIDC_ISSUER_URL: 'http://127.0.0.1:9',
      OIDC_CLIENT_ID: 'flowmate',
      OIDC_CLIENT_SECRET: 'a secret between the two',
    };
    const lonely = await startApiUnderTest({ variables });
    try {
      const answer = await send(lonely.port, { path: LOGIN });
      expect([answer.status, codeOf(answer)]).toEqual([502, 'oidc_provider_error']);
    } finally {
      await lonely.close();
    }
  });
});
