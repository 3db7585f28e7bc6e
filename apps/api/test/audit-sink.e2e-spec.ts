import { INSTANCE_TRAIL } from '@flowmate/domain';
import { eventually, verifies } from '@flowmate/testing';
import { startApiUnderTest, type ApiUnderTest } from './harness/api-under-test.js';
import { newPerson, type Person } from './harness/people.js';
import { send, type Answer } from './harness/send.js';

const V1 = '/api/v1';
const FROM = { address: '127.0.0.1', userAgent: 'probe/1.0' };

type Entry = Readonly<Record<string, unknown>>;
const codeOf = ({ body }: Answer): string => JSON.parse(body).code;

describe(verifies('FS-5', 'what went wrong at the door'), () => {
  let api: ApiUnderTest;
  let ada: Person;
  let admin: Person;
  beforeAll(async () => {
    api = await startApiUnderTest({ modules: [], variables: { AUDIT_LOG: 'on' } });
    [ada, admin] = await Promise.all([newPerson(api), newPerson(api, { role: 'admin' })]);
  });
  afterAll(() => api.close());

  const ask = (method: string, path: string, body?: object, headers: Record<string, string> = {}): Promise<Answer> => {
    const json = body && JSON.stringify(body);
    const all = { 'user-agent': FROM.userAgent, ...headers, ...(json && { 'content-type': 'application/json' }) };
    return send(api.port, { method, path: `${V1}${path}`, headers: all, ...(json && { body: json }) });
  };
  /** As a person reviews it, and as a collector of the audit stream receives it. */
  const foundTwice = (action: string, query: string, who: Person): Promise<Entry> =>
    eventually(async () => {
      const { body } = await ask('GET', `/audit?action=${action}${query}`, undefined, who.headers);
      const [entry] = (JSON.parse(body) as { entries: Entry[] }).entries;
      if (!entry) throw new Error('not yet');
      const lines = api.linesOf(String(entry['correlationId']));
      expect(lines.find(({ stream }) => stream === 'audit')).toMatchObject({ action, hash: entry['hash'] });
      return entry;
    });
  const OF_INSTANCE = `&trail=${INSTANCE_TRAIL}`;

  it('is reviewed and collected when a sign-in failed', async () => {
    const token = 'x'.repeat(43);
    const answer = await ask('POST', '/auth/verify', { token, code: '123456' });
    expect([answer.status, codeOf(answer)]).toEqual([401, 'auth_link_invalid']);
    const entry = await foundTwice('auth.sign_in_failed', OF_INSTANCE, admin);
    expect(entry).toMatchObject({ outcome: 'refused', actor: { kind: 'anonymous' }, from: FROM });
    expect(api.raw()).not.toContain(token);
  });

  it('is reviewed and collected when somebody was refused', async () => {
    const answer = await ask('GET', '/admin/users', undefined, ada.headers);
    expect([answer.status, codeOf(answer)]).toEqual([403, 'forbidden_role']);
    const entry = await foundTwice('access.refused', '', ada);
    expect(entry).toMatchObject({ actor: { kind: 'user', id: ada.userId }, from: FROM });
  });

  it('is reviewed and collected when a session was not that of who came with it', async () => {
    const eve = await newPerson(api);
    const refresh = (refreshToken: string): Promise<Answer> => ask('POST', '/auth/refresh', { refreshToken });
    const second = JSON.parse((await refresh(eve.refreshToken)).body);
    await refresh(second.refreshToken);
    expect(codeOf(await refresh(eve.refreshToken))).toBe('auth_refresh_reused');
    const entry = await foundTwice('auth.refresh_reused', OF_INSTANCE, admin);
    expect(JSON.stringify(entry)).toContain(eve.userId);
    expect(entry).toMatchObject({ from: FROM });
  });

  it('is in the log when a token was good for nothing, without the token', async () => {
    const token = `${ada.accessToken.slice(0, -2)}xx`;
    const answer = await ask('GET', '/auth/me', undefined, { authorization: `Bearer ${token}` });
    expect(await api.lineOf(String(answer.headers['x-correlation-id']))).toMatchObject({
      status: 401,
      code: 'auth_token_invalid',
    });
    expect(api.raw()).not.toContain(token);
  });
});
