import { eventually, verifies } from '@flowmate/testing';
import { startApiUnderTest, type ApiUnderTest } from './harness/api-under-test.js';
import { newPerson, type Person } from './harness/people.js';
import { send } from './harness/send.js';
import { StoreDigest } from './harness/store-digest.js';

const KEYS = '/api/v1/api-keys';
const ME = '/api/v1/auth/me';
/** A change is felt within five seconds; the rest is the machine's. */
const FELT_MS = 6_000;
const SLOW_MS = 20_000;

/** Whatever an answer holds: the tests say what it should be. */
type Json = ReturnType<typeof JSON.parse>;

describe(verifies('AP-1', 'API keys'), () => {
  let api: ApiUnderTest;
  let ada: Person;

  beforeAll(async () => {
    api = await startApiUnderTest({ modules: [] });
  });
  afterAll(() => api.close());
  beforeEach(async () => {
    ada = await newPerson(api);
  });

  const ask = async (who: Pick<Person, 'headers'>, method: string, path: string, body?: object) => {
    const json = body && JSON.stringify(body);
    const headers = { ...who.headers, ...(json && { 'content-type': 'application/json' }) };
    const answer = await send(api.port, { method, path, headers, ...(json && { body: json }) });
    return { ...answer, json: (answer.body === '' ? undefined : JSON.parse(answer.body)) as Json };
  };
  const bearing = (key: string): Pick<Person, 'headers'> => ({ headers: { authorization: `Bearer ${key}` } });
  const use = (key: string, path = ME) => ask(bearing(key), 'GET', path);
  const make = async (wanted: object = {}, who = ada): Promise<Json> => {
    const answer = await ask(who, 'POST', KEYS, {
      name: 'nightly',
      scopes: ['account:read', 'members:read'],
      ...wanted,
    });
    expect(answer.status).toBe(201);
    return answer.json;
  };
  const listed = async (): Promise<Json[]> => (await ask(ada, 'GET', KEYS)).json.keys;
  const outcome = ({ status, json }: { status: number; json: Json }): unknown => [status, json?.code];
  const INVALID = [401, 'api_key_invalid'];

  it('have a prefix and 32 random bytes, are shown once, and are nowhere in clear', async () => {
    const made = await Promise.all(Array.from({ length: 5 }, () => make()));
    const secrets = made.map(({ key }) => key);
    expect(new Set(secrets).size).toBe(5);
    for (const secret of secrets) {
      expect(secret).toMatch(/^fm_live_[A-Za-z0-9_-]{43}$/);
      expect(Buffer.from(secret.slice('fm_live_'.length), 'base64url')).toHaveLength(32);
    }
    await Promise.all(secrets.map((secret) => use(secret)));
    const store = new StoreDigest(api.name);
    const everything = (await ask(ada, 'GET', KEYS)).body + api.raw() + (await store.dump());
    await store.close();
    for (const secret of secrets) {
      expect(everything).not.toContain(secret);
      expect(everything).not.toContain(secret.slice('fm_live_'.length));
    }
  });

  it('are several at once, each with a name and scopes of its own', async () => {
    const reader = await make({ name: 'Reader', scopes: ['members:read'] });
    const auditor = await make({ name: 'Auditor', scopes: ['audit:read'] });
    const members = `/api/v1/workspaces/${ada.workspaceId}/members`;
    expect((await use(reader.key, members)).status).toBe(200);
    expect(outcome(await use(auditor.key, members))).toEqual([403, 'forbidden_scope']);
    expect((await use(auditor.key, '/api/v1/audit')).status).toBe(200);
    expect(outcome(await use(reader.key, '/api/v1/audit'))).toEqual([403, 'forbidden_scope']);
    const all = await listed();
    expect(all.map(({ name, scopes }) => [name, scopes])).toEqual([
      ['Auditor', ['audit:read']],
      ['Reader', ['members:read']],
    ]);
    expect(all.every((key) => !('key' in key) && !('hash' in key))).toBe(true);
  });

  it('make no keys, give no more than their owner has, and are of one workspace', async () => {
    for (const scope of ['keys:manage', 'users:manage', 'members:manage', 'account:write'])
      expect(outcome(await ask(ada, 'POST', KEYS, { name: 'More', scopes: [scope] }))).toEqual([
        403,
        'forbidden_scope',
      ]);
    const { key, id } = await make();
    for (const [method, path] of [
      ['POST', KEYS],
      ['POST', `${KEYS}/${id}/rotate`],
      ['DELETE', `${KEYS}/${id}`],
      ['GET', KEYS],
    ] as const)
      expect([method, path, ...(outcome(await ask(bearing(key), method, path)) as unknown[])]).toEqual([
        method,
        path,
        403,
        'forbidden_scope',
      ]);
    const team = (await ask(ada, 'POST', '/api/v1/workspaces', { name: 'Team' })).json;
    const there = { headers: { ...bearing(key).headers, 'x-workspace-id': team.id } };
    expect(outcome(await ask(there, 'GET', ME))).toEqual([404, 'resource_not_found']);
    expect(outcome(await use(key, `/api/v1/workspaces/${team.id}/members`))).toEqual([404, 'resource_not_found']);
    const eve = await newPerson(api);
    expect(outcome(await ask(eve, 'DELETE', `${KEYS}/${id}`))).toEqual([404, 'resource_not_found']);
    expect(outcome(await ask(eve, 'POST', `${KEYS}/${id}/rotate`))).toEqual([404, 'resource_not_found']);
    expect((await use(key)).status).toBe(200);
  });

  it(
    'end when they expire, to the moment and not when somebody looks',
    async () => {
      const expiresAt = new Date(Date.now() + 1_500).toISOString();
      const { key } = await make({ expiresAt });
      const lasting = await make();
      expect((await use(key)).status).toBe(200);
      await eventually(async () => expect(outcome(await use(key))).toEqual(INVALID), 3_000);
      expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(expiresAt));
      expect((await use(lasting.key)).status).toBe(200);
      const past = { name: 'Late', scopes: ['account:read'], expiresAt: '2020-01-01T00:00:00Z' };
      expect(outcome(await ask(ada, 'POST', KEYS, past))).toEqual([400, 'validation_failed']);
    },
    SLOW_MS,
  );

  it('are rotated with an overlap of a day, once', async () => {
    const old = await make({ name: 'Deploy' });
    const { status, json: next } = await ask(ada, 'POST', `${KEYS}/${old.id}/rotate`);
    expect([status, next.name, next.scopes]).toEqual([201, 'Deploy', old.scopes]);
    expect(next.key).not.toBe(old.key);
    expect([(await use(old.key)).status, (await use(next.key)).status]).toEqual([200, 200]);
    const replaced = (await listed()).find(({ id }) => id === old.id);
    expect(replaced).toMatchObject({ replacedBy: next.id });
    const overlapMs = Date.parse(replaced.expiresAt) - Date.now();
    expect(overlapMs).toBeGreaterThan(86_400_000 - 60_000);
    expect(overlapMs).toBeLessThanOrEqual(86_400_000);
    expect(outcome(await ask(ada, 'POST', `${KEYS}/${old.id}/rotate`))).toEqual([404, 'resource_not_found']);
  });

  it(
    'that are revoked are nobody within five seconds, and stay in the list',
    async () => {
      const [gone, kept] = [await make(), await make()];
      await Promise.all([use(gone.key), use(kept.key)]);
      expect((await ask(ada, 'DELETE', `${KEYS}/${gone.id}`)).status).toBe(204);
      await eventually(async () => expect(outcome(await use(gone.key))).toEqual(INVALID), FELT_MS);
      expect((await use(kept.key)).status).toBe(200);
      expect((await listed()).find(({ id }) => id === gone.id)).toMatchObject({ revokedAt: expect.any(String) });
      expect(outcome(await ask(ada, 'DELETE', `${KEYS}/${gone.id}`))).toEqual([404, 'resource_not_found']);
    },
    SLOW_MS,
  );

  it('show when they were last used, and their use is in the audit trail', async () => {
    const { key, id } = await make();
    expect((await listed())[0]).not.toHaveProperty('lastUsedAt');
    const before = Date.now();
    await use(key);
    await eventually(async () => {
      const [used] = await listed();
      expect(Date.parse(used.lastUsedAt)).toBeGreaterThanOrEqual(before);
    });
    await eventually(async () => {
      const { json } = await ask(ada, 'GET', '/api/v1/audit?action=key.used');
      expect(json.entries).toMatchObject([{ actor: { kind: 'key', id } }]);
    });
  });
});
