import { OutboxRepository, SignInLinkRepository } from '@flowmate/database';
import { testStores, verifies } from '@flowmate/testing';
import { MongoClient } from 'mongodb';
import { startApiUnderTest, type ApiUnderTest } from './harness/api-under-test.js';
import { send, type Answer } from './harness/send.js';

interface Requested {
  readonly requestId: string;
  readonly code: string;
  readonly expiresIn: number;
}

const cookieOf = ({ headers }: Answer, name = 'fm_browser'): string => {
  const [cookie = ''] = (headers['set-cookie'] ?? []).filter((line) => line.startsWith(`${name}=`));
  return cookie.split(';')[0] ?? '';
};

let addresses = 0;
const newAddress = (): string => `person${(addresses += 1)}@example.com`;

describe(verifies('FM-21', 'FM-22', 'FM-42', 'FM-53', 'signing in by a link'), () => {
  let api: ApiUnderTest;
  beforeAll(async () => {
    api = await startApiUnderTest({ modules: [], variables: { DEV_MAILBOX: 'true' } });
  });
  afterAll(() => api.close());

  const post = (path: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> =>
    send(api.port, {
      method: 'POST',
      path: `/api/v1${path}`,
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  const outbox = (): OutboxRepository => api.app.get(OutboxRepository, { strict: false });

  const ask = async (email: string, headers: Record<string, string> = {}, rest: object = {}) => {
    const answer = await post('/auth', { email, ...rest }, headers);
    expect(answer.status).toBe(202);
    return { ...(JSON.parse(answer.body) as Requested), cookie: cookieOf(answer), answer };
  };
  const mailsTo = async (email: string): Promise<Array<{ link: string; subject: string; text: string }>> => {
    const { body } = await send(api.port, { path: '/dev/mailbox/messages', headers: { host: '127.0.0.1' } });
    return JSON.parse(body).messages.filter(({ to }: { to: string }) => to === email);
  };
  const tokenOf = async (email: string): Promise<string> => {
    const [mail] = await mailsTo(email);
    return new URLSearchParams(new URL(mail!.link).hash.slice(1)).get('token')!;
  };
  const verify = (token: string, proof: object = {}, cookie = ''): Promise<Answer> =>
    post('/auth/verify', { token, ...proof }, cookie ? { cookie } : {});
  const failure = ({ status, body }: Answer): unknown => {
    const { correlationId: _, ...rest } = JSON.parse(body);
    return { status, ...rest };
  };
  const INVALID = { status: 401, code: 'auth_link_invalid' };

  it('A01 answers and writes the same for an address with an account and for one without', async () => {
    const store = new MongoClient(testStores().mongoUri);
    const count = async (name: string): Promise<number> => store.db(api.name).collection(name).countDocuments();
    const known = newAddress();
    const { requestId } = await ask(known);
    expect((await verify(await tokenOf(known), { requestId })).status).toBe(200);
    const looks = [];
    for (const email of [known, newAddress()]) {
      const before = [await count('outbox'), await count('users'), await count('sessions')];
      const { answer } = await ask(email);
      const { 'set-cookie': cookies, ...all } = answer.headers;
      // Those that tell two requests apart, whoever is asked for.
      const headers = Object.entries(all).filter(([name]) => !/^(date|x-correlation-id|ratelimit-.*)$/.test(name));
      const after = [await count('outbox'), await count('users'), await count('sessions')];
      const body = answer.body.replace(/"[\w-]{43}"/, '"secret"').replace(/"\d{6}"/, '"digits"');
      const written = after.map((many, index) => many - before[index]!);
      looks.push({ headers, body, written, cookie: cookies?.join().replace(/[\w-]{43}/, 'secret') });
    }
    await store.close();
    expect(looks[0]).toEqual(looks[1]);
    expect(looks[0]).toMatchObject({ written: [1, 0, 0], body: expect.stringContaining('"secret"') });
  });

  it('A09 answers with no token, and mails the link', async () => {
    const email = newAddress();
    const { answer, requestId, code, expiresIn } = await ask(email);
    expect([requestId, code, expiresIn]).toEqual([
      expect.stringMatching(/^[\w-]{43}$/),
      expect.stringMatching(/^\d{6}$/),
      600,
    ]);
    const [mail] = await mailsTo(email);
    expect(mail).toMatchObject({ subject: 'Sign in to FlowMate', link: expect.stringContaining('/sign-in#token=') });
    // What is answered signs nobody in.
    expect(answer.body).not.toContain(await tokenOf(email));
    expect(mail!.text).not.toContain(code);
  });

  it('hands a program its tokens, and says who it is with them', async () => {
    const email = newAddress();
    const { requestId } = await ask(email);
    const answer = await verify(await tokenOf(email), { requestId });
    expect(answer.status).toBe(200);
    const { accessToken, tokenType } = JSON.parse(answer.body);
    expect(tokenType).toBe('Bearer');
    const me = await send(api.port, { path: '/api/v1/auth/me', headers: { authorization: `Bearer ${accessToken}` } });
    expect([me.status, me.body]).toEqual([200, expect.stringContaining(email)]);
  });

  it('hands a page of ours cookies, and no token that a script could read', async () => {
    const email = newAddress();
    const { cookie } = await ask(email);
    const headers = { cookie, 'x-flowmate': '1' };
    const answer = await post('/auth/verify', { token: await tokenOf(email) }, headers);
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body)).not.toHaveProperty('accessToken');
    const cookies = answer.headers['set-cookie'] ?? [];
    expect(cookies).toHaveLength(2);
    for (const line of cookies) expect(line).toMatch(/HttpOnly.*SameSite=Strict/);
  });

  it('binds the browser with a cookie that only it gets, and keeps the one it has', async () => {
    const first = await ask(newAddress());
    const [line] = first.answer.headers['set-cookie'] ?? [];
    expect(line).toMatch(/^fm_browser=[\w-]{43}; Max-Age=86400; Path=\/; HttpOnly; SameSite=Strict$/);
    const second = await ask(newAddress(), { cookie: first.cookie });
    expect(second.cookie).toBe(first.cookie);
    const third = await ask(newAddress(), { cookie: 'fm_browser=planted' });
    expect(third.cookie).not.toBe('fm_browser=planted');
  });

  it('works on another device with the code alone', async () => {
    const email = newAddress();
    const { code } = await ask(email);
    expect((await verify(await tokenOf(email), { code })).status).toBe(200);
  });

  it('goes on to the path that was asked for', async () => {
    const email = newAddress();
    await ask(email, {}, { redirectTo: '/agents?tag=a%26b#top' });
    const [mail] = await mailsTo(email);
    expect(new URLSearchParams(new URL(mail!.link).hash.slice(1)).get('to')).toBe('/agents?tag=a%26b#top');
  });

  it('A05 knows an address in any case, and folds no other letter into it', async () => {
    const email = newAddress();
    await ask(email.toUpperCase());
    await ask(email);
    expect(await mailsTo(email)).toHaveLength(2);
    await ask(email.replace('person', 'ｐerson'));
    await ask(email.replace('person', 'perşon'));
    expect(await mailsTo(email)).toHaveLength(2);
  });

  it('A06 mails three links to one address in ten minutes, and leaves the last one good', async () => {
    const email = newAddress();
    const { cookie } = await ask(email);
    for (let request = 1; request < 10; request++) await ask(email, { cookie });
    expect(await mailsTo(email)).toHaveLength(3);
    expect((await verify(await tokenOf(email), {}, cookie)).status).toBe(200);
  });

  it('A06 mails no more when they are asked for at once', async () => {
    const email = newAddress();
    await Promise.all(Array.from({ length: 20 }, () => ask(email)));
    expect(await mailsTo(email)).toHaveLength(3);
  });

  it('A07 leads to the configured origin, whatever the request calls this host', async () => {
    const email = newAddress();
    await ask(email, { host: 'evil.example', 'x-forwarded-host': 'evil.example', forwarded: 'host=evil.example' });
    const [mail] = await mailsTo(email);
    expect(new URL(mail!.link).origin).toBe('http://127.0.0.1:9000');
    expect(mail!.text).not.toContain('evil');
  });

  it('A10 is not used up by whoever only looks', async () => {
    const email = newAddress();
    const { cookie } = await ask(email);
    const token = await tokenOf(email);
    for (const method of ['GET', 'HEAD'])
      for (const path of [`/api/v1/auth/verify?token=${token}`, '/sign-in'])
        expect([200, 405]).toContain((await send(api.port, { method, path, headers: { cookie } })).status);
    expect((await send(api.port, { method: 'HEAD', path: '/api/v1/auth/verify' })).status).toBe(405);
    expect((await verify(token, {}, cookie)).status).toBe(200);
  });

  it('A12 answers the same for a link that is unknown, expired or used', async () => {
    const [used, expired] = [newAddress(), newAddress()];
    const first = await ask(used);
    const usedToken = await tokenOf(used);
    expect((await verify(usedToken, {}, first.cookie)).status).toBe(200);
    const second = await ask(expired);
    const expiredToken = await tokenOf(expired);
    const links = api.app.get(SignInLinkRepository, { strict: false });
    const late = new Date(Date.now() + 600_001);
    const attempt = links.attempt.bind(links);
    links.attempt = (hash, _now, max) => attempt(hash, late, max);
    const answers = [await verify(expiredToken, {}, second.cookie)];
    links.attempt = attempt;
    answers.push(await verify('x'.repeat(43)), await verify(usedToken, {}, first.cookie));
    for (const answer of answers) expect(failure(answer)).toEqual(failure(answers[0]!));
    expect(failure(answers[0]!)).toMatchObject(INVALID);
    // It was not used up by coming too late.
    expect((await verify(expiredToken, {}, second.cookie)).status).toBe(200);
  });

  it('A13 signs in one of fifty that come with one token', async () => {
    const email = newAddress();
    const { cookie } = await ask(email);
    const token = await tokenOf(email);
    const answers = await Promise.all(Array.from({ length: 50 }, () => verify(token, {}, cookie)));
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses).toEqual([200, ...Array.from({ length: 49 }, () => 401)]);
  });

  it('A14 signs nobody in who did not ask, and is burnt by five wrong tries', async () => {
    const email = newAddress();
    const { cookie, requestId, code } = await ask(email);
    const stranger = (await ask(newAddress())).cookie;
    const wrongCode = code === '000000' ? '000001' : '000000';
    const token = await tokenOf(email);
    const wrong = [
      await verify(token),
      await verify(token, {}, stranger),
      await verify(token, { code: wrongCode }),
      await verify(token, { requestId: 'x'.repeat(43) }),
    ];
    for (const answer of wrong) expect(failure(answer)).toMatchObject(INVALID);
    await verify(token, { code: wrongCode });
    expect((await verify(token, { requestId, code }, cookie)).status).toBe(401);
  });

  it('A14 lets in after four wrong tries', async () => {
    const email = newAddress();
    const { cookie } = await ask(email);
    const token = await tokenOf(email);
    for (let wrong = 0; wrong < 4; wrong++) expect((await verify(token)).status).toBe(401);
    expect((await verify(token, {}, cookie)).status).toBe(200);
  });

  it('A14 allows five guesses at a code and not one more when they come at once', async () => {
    const email = newAddress();
    const { code } = await ask(email);
    const token = await tokenOf(email);
    const guesses = Array.from({ length: 30 }, (_, index) => String(index).padStart(6, '0')).filter(
      (guess) => guess !== code,
    );
    await Promise.all(guesses.map((guess) => verify(token, { code: guess })));
    expect((await verify(token, { code })).status).toBe(401);
  });

  it('A15 takes the newest link only', async () => {
    const email = newAddress();
    const { cookie } = await ask(email);
    const older = await tokenOf(email);
    await ask(email, { cookie });
    expect(failure(await verify(older, {}, cookie))).toMatchObject(INVALID);
    expect((await verify(await tokenOf(email), {}, cookie)).status).toBe(200);
  });

  it('keeps neither token, code nor binding in the store, nor in a log line', async () => {
    const email = newAddress();
    const { cookie, requestId, code } = await ask(email);
    const token = await tokenOf(email);
    await verify(token, { requestId: 'x'.repeat(43) });
    const [mail] = await outbox().latest(1);
    const stored = JSON.stringify(mail);
    const secrets = [token, requestId, cookie.split('=')[1]!];
    for (const secret of secrets) {
      expect(stored).not.toContain(secret);
      expect(api.raw()).not.toContain(secret);
    }
    expect(stored).not.toContain(code);
    expect(api.raw()).not.toContain(email);
  });
});

describe('who may not sign up', () => {
  it('is answered like everybody else, and told no before there is an account', async () => {
    const api = await startApiUnderTest({ modules: [], variables: { DEV_MAILBOX: 'true', SIGNUP: 'invite' } });
    try {
      const headers = { 'content-type': 'application/json' };
      const path = '/api/v1/auth';
      const body = JSON.stringify({ email: 'stranger@example.com' });
      const asked = await send(api.port, { method: 'POST', path, headers, body });
      expect(asked.status).toBe(202);
      const mailbox = await send(api.port, { path: '/dev/mailbox/messages' });
      const [{ link }] = JSON.parse(mailbox.body).messages;
      const token = new URLSearchParams(new URL(link).hash.slice(1)).get('token');
      const proof = JSON.stringify({ token, requestId: JSON.parse(asked.body).requestId });
      const answer = await send(api.port, { method: 'POST', path: `${path}/verify`, headers, body: proof });
      expect([answer.status, JSON.parse(answer.body).code]).toEqual([403, 'signup_closed']);
    } finally {
      await api.close();
    }
  });
});

describe('asking and guessing from one address', () => {
  let api: ApiUnderTest;
  beforeEach(async () => {
    // As it is when nobody says otherwise.
    api = await startApiUnderTest({ modules: [], variables: { RATE_LIMIT_ROUTES: '' } });
  });
  afterEach(() => api.close());

  const post = (path: string, body: unknown): Promise<Answer> =>
    send(api.port, {
      method: 'POST',
      path: `/api/v1/auth${path}`,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const LIMITED = [429, 'rate_limited', expect.stringMatching(/^[1-9]\d*$/)];
  const shown = ({ status, body, headers }: Answer): unknown[] => [
    status,
    JSON.parse(body).code,
    headers['retry-after'],
  ];

  it('A06 stops at the eleventh link in ten minutes', async () => {
    for (let asked = 0; asked < 10; asked++) expect((await post('', { email: newAddress() })).status).toBe(202);
    expect(shown(await post('', { email: newAddress() }))).toEqual(LIMITED);
  });

  it('A16 stops at the sixth bad try in a minute', async () => {
    for (let tried = 0; tried < 5; tried++) expect((await post('/verify', { token: 'x'.repeat(43) })).status).toBe(401);
    expect(shown(await post('/verify', { token: 'x'.repeat(43) }))).toEqual(LIMITED);
  });

  it('A16 does not count what was no try', async () => {
    for (let sent = 0; sent < 10; sent++) expect((await post('/verify', { token: 'short' })).status).toBe(400);
    expect((await post('/verify', { token: 'x'.repeat(43) })).status).toBe(401);
  });
});
