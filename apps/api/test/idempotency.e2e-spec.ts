import { randomUUID } from 'node:crypto';
import { eventually } from '@flowmate/testing';
import { startApiUnderTest, type ApiUnderTest } from './harness/api-under-test.js';
import { ask } from './harness/ask.js';
import { newPerson, type Person } from './harness/people.js';
import { StoreDigest } from './harness/store-digest.js';

const AGENTS = '/api/v1/agents';
const KEYS = '/api/v1/api-keys';
const WORKSPACES = '/api/v1/workspaces';

/** By the way the key is kept: in what is made, or beside it. */
const MAKING: ReadonlyArray<readonly [string, object, object]> = [
  [AGENTS, { name: 'one' }, { name: 'other' }],
  [WORKSPACES, { name: 'one' }, { name: 'other' }],
  [KEYS, { name: 'one', scopes: ['members:read'] }, { name: 'other', scopes: ['members:read'] }],
];

describe('a request that its caller names', () => {
  let api: ApiUnderTest;
  let ada: Person;

  beforeAll(async () => {
    api = await startApiUnderTest({ modules: [] });
  });
  afterAll(() => api.close());
  beforeEach(async () => {
    ada = await newPerson(api);
  });

  const post = (path: string, body: object, key: string, who = ada) =>
    ask(api, who, path, { body, headers: { 'idempotency-key': key } });

  it.each(MAKING)('N07 is done once at %s and answered as it was', async (path, body) => {
    const key = randomUUID();
    const first = await post(path, body, key);
    const again = await post(path, body, key);
    expect([first.status, first.headers['idempotent-replayed']]).toEqual([201, undefined]);
    expect([again.status, again.headers['idempotent-replayed']]).toEqual([201, 'true']);
    expect(again.json).toEqual(first.json);
    expect(again.headers.location).toBe(first.headers.location);
    expect((await post(path, body, randomUUID())).json.id).not.toBe(first.json.id);
  });

  it.each(MAKING)('N08 is another one at %s when it asks for something else', async (path, body, other) => {
    const key = randomUUID();
    await post(path, body, key);
    expect((await post(path, other, key)).outcome).toEqual([422, 'idempotency_key_reused']);
  });

  it.each(MAKING)('N09 is done once at %s of twenty at once', async (path, body) => {
    const key = randomUUID();
    const all = await Promise.all(Array.from({ length: 20 }, () => post(path, body, key)));
    const made = all.filter(({ status }) => status === 201);
    expect(new Set(made.map(({ json }) => json.id)).size).toBe(1);
    expect(all.filter(({ headers }) => headers['idempotent-replayed'] === undefined && made.length > 0).length).toBe(
      all.length - made.length + 1,
    );
    const rest = all.filter(({ status }) => status !== 201);
    expect(rest.filter(({ json }) => json.code !== 'idempotency_in_progress')).toEqual([]);
    // Whoever was told to wait gets the same answer then.
    await eventually(async () => expect((await post(path, body, key)).json).toEqual(made[0]?.json));
  });

  it.each(MAKING)('N11 has nothing to do with that of somebody else at %s', async (path, body) => {
    const key = randomUUID();
    const bob = await newPerson(api);
    const [mine, theirs] = [await post(path, body, key), await post(path, body, key, bob)];
    expect([mine.status, theirs.status]).toEqual([201, 201]);
    expect(mine.json.id).not.toBe(theirs.json.id);
    expect(theirs.headers).not.toHaveProperty('idempotent-replayed');
  });

  it.each(MAKING)('may be mended at %s after it was refused', async (path, body) => {
    const key = randomUUID();
    expect((await post(path, { name: '' }, key)).outcome).toEqual([400, 'validation_failed']);
    expect((await post(path, body, key)).status).toBe(201);
  });

  it('is answered as it was, also after what it made was changed and deleted', async () => {
    const key = randomUUID();
    const first = await post(AGENTS, { name: 'one' }, key);
    const path = `${AGENTS}/${first.json.id}`;
    await ask(api, ada, path, { method: 'PATCH', body: { name: 'two' }, headers: { 'if-match': '"1"' } });
    expect((await post(AGENTS, { name: 'one' }, key)).json).toEqual(first.json);
    await ask(api, ada, path, { method: 'DELETE' });
    expect((await post(AGENTS, { name: 'one' }, key)).json).toEqual(first.json);
  });

  it('leaves nothing in the store that was to be seen once', async () => {
    const made = await post(KEYS, { name: 'one', scopes: ['members:read'] }, 'a-name-of-mine');
    const store = new StoreDigest(api.name);
    const dump = await store.dump();
    await store.close();
    expect(dump).toContain(made.json.id);
    for (const secret of [made.json.key, 'a-name-of-mine']) expect(dump).not.toContain(secret);
  });
});
