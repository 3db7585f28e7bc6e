import { AgentRepository, AuditRepository } from '@flowmate/database';
import { newId } from '@flowmate/domain';
import { verifies } from '@flowmate/testing';
import { BUILT_IN_MANIFESTS } from '@flowmate/tools';
import { definitionOf } from '../src/agents/wanted-agent.js';
import { startApiUnderTest, type ApiUnderTest } from './harness/api-under-test.js';
import { ask, type Asked } from './harness/ask.js';
import { newPerson, type Person } from './harness/people.js';
import { send } from './harness/send.js';

const AGENTS = '/api/v1/agents';
const NAME_OF_80 = '😀'.repeat(40) + '字'.repeat(40);

describe('agents', () => {
  let api: ApiUnderTest;
  let ada: Person;

  beforeAll(async () => {
    api = await startApiUnderTest({ modules: [] });
  });
  afterAll(() => api.close());
  beforeEach(async () => {
    ada = await newPerson(api);
  });

  const as = (path: string, asked?: Asked, who = ada) => ask(api, who, path, asked);
  const make = async (body: object = { name: 'Reporter' }, who = ada) => {
    const made = await as(AGENTS, { body }, who);
    expect([made.status, made.body]).toEqual([201, expect.any(String)]);
    return made;
  };
  const patch = (id: string, body: object, version: number, who = ada) =>
    as(`${AGENTS}/${id}`, { method: 'PATCH', body, headers: { 'if-match': `"${version}"` } }, who);
  const get = <T>(type: abstract new (...args: never[]) => T): T => api.app.get(type, { strict: false });

  describe(verifies('FM-25', 'FM-27', 'that are made'), () => {
    it('need a name and nothing else, and say where they are and in which version', async () => {
      const made = await make({ name: 'Test', tools: [] });
      expect(made.headers).toMatchObject({ location: `${AGENTS}/${made.json.id}`, etag: '"1"' });
      expect(made.json).toEqual({
        id: expect.stringMatching(/^[0-9a-f]{24}$/),
        version: 1,
        name: 'Test',
        description: '',
        systemPrompt: '',
        model: { name: null },
        tools: [],
        policies: [],
        limits: { timeoutMs: null, maxSteps: null },
        output: null,
        createdBy: ada.userId,
        createdAt: expect.any(String),
        updatedAt: made.json.createdAt,
      });
      const found = await as(String(made.headers.location));
      expect([found.status, found.headers.etag, found.json]).toEqual([200, '"1"', made.json]);
    });

    it('are read as they were written, with everything that there is', async () => {
      const whole = {
        name: 'Whole',
        description: 'All of it.',
        systemPrompt: 'Line one.\n\tLine two. {{7*7}} ${process.env.X}',
        model: { name: 'gpt-4.1-mini', temperature: 0.5, maxOutputTokens: 100 },
        tools: ['time.now', 'http.request'],
        policies: [{ tool: 'http.request', policy: 'deny' }],
        limits: { timeoutMs: 60_000, maxSteps: 10 },
        output: { type: 'object', properties: { title: { type: 'string' } }, required: ['title'] },
      };
      const { json } = await make(whole);
      expect((await as(`${AGENTS}/${json.id}`)).json).toMatchObject(whole);
    });

    it.each([
      ['G03 a name of 80 characters', { name: NAME_OF_80 }],
      ['G04 a prompt of 5,000 characters', { name: 'x', systemPrompt: '字'.repeat(4_999) + '😀' }],
    ])('%s', async (_, body) => expect((await make(body)).json).toMatchObject(body));

    it('G02 have names in one spelling', async () => {
      expect((await make({ name: '  Cafe\u0301 ' })).json.name).toBe('Caf\u00e9');
    });

    it('G12 hold what was checked, when a key stands in the body twice', async () => {
      const headers = { ...ada.headers, 'content-type': 'application/json' };
      const body = '{"name":"first","name":"last"}';
      const { body: answer } = await send(api.port, { method: 'POST', path: AGENTS, headers, body });
      expect((await as(`${AGENTS}/${JSON.parse(answer).id}`)).json.name).toBe('last');
    });
  });

  it(verifies('FM-44', 'a prompt of more than 5,000 characters is refused'), async () => {
    const { outcome, json } = await as(AGENTS, { body: { name: 'x', systemPrompt: 'a'.repeat(5_001) } });
    expect(outcome).toEqual([400, 'validation_failed']);
    expect(json.errors).toMatchObject([{ path: 'systemPrompt', rule: 'isPlainText' }]);
  });

  describe(verifies('FM-26', 'that are listed'), () => {
    it('come the latest first, page by page, and only those of the workspace', async () => {
      await make({ name: 'not yours' }, await newPerson(api));
      const names = ['a', 'b', 'c', 'd', 'e'];
      for (const name of names) await make({ name });
      const seen: string[] = [];
      let cursor = '';
      do {
        const { json } = await as(`${AGENTS}?limit=2${cursor}`);
        seen.push(...json.agents.map(({ name }: { name: string }) => name));
        cursor = json.nextCursor === null ? '' : `&cursor=${json.nextCursor}`;
      } while (cursor !== '');
      expect(seen).toEqual(names.toReversed());
    });

    it('are found by the beginning of their name', async () => {
      for (const name of ['Reporter', 'repairs', 'Other']) await make({ name });
      const { json } = await as(`${AGENTS}?name=REP`);
      expect(json.agents.map(({ name }: { name: string }) => name)).toEqual(['repairs', 'Reporter']);
    });
  });

  describe('that are changed', () => {
    it('get a new version, and keep the old ones as they were', async () => {
      const { json } = await make({ name: 'One', systemPrompt: 'Old.' });
      const changed = await patch(json.id, { systemPrompt: 'New.', tools: ['time.now'] }, 1);
      expect([changed.status, changed.headers.etag]).toEqual([200, '"2"']);
      expect(changed.json).toMatchObject({ version: 2, name: 'One', systemPrompt: 'New.', tools: ['time.now'] });
      const versions = await as(`${AGENTS}/${json.id}/versions`);
      expect(versions.json.versions).toMatchObject([
        { version: 2, systemPrompt: 'New.' },
        { version: 1, systemPrompt: 'Old.', tools: [] },
      ]);
      expect((await as(`${AGENTS}/${json.id}/versions/1`)).json).toEqual(versions.json.versions[1]);
    });

    it('have versions on pages', async () => {
      const { json } = await make();
      for (let version = 1; version < 4; version += 1) await patch(json.id, { name: `v${version + 1}` }, version);
      const first = await as(`${AGENTS}/${json.id}/versions?limit=3`);
      expect(first.json.versions.map(({ version }: { version: number }) => version)).toEqual([4, 3, 2]);
      const next = await as(`${AGENTS}/${json.id}/versions?limit=3&cursor=${first.json.nextCursor}`);
      expect(next.json).toMatchObject({ versions: [{ version: 1, name: 'Reporter' }], nextCursor: null });
    });

    it('lose their schema when that is said', async () => {
      const { json } = await make({ name: 'x', output: { type: 'object' } });
      expect((await patch(json.id, { output: null }, 1)).json.output).toBeNull();
    });

    it('G06 are changed by one of twenty who have read the same version', async () => {
      const { json } = await make();
      const all = await Promise.all(Array.from({ length: 20 }, (_, i) => patch(json.id, { name: `n${i}` }, 1)));
      expect(all.filter(({ status }) => status === 200)).toHaveLength(1);
      expect(
        all.filter(({ status, json: problem }) => status === 412 && problem.code === 'version_mismatch'),
      ).toHaveLength(19);
      expect((await as(`${AGENTS}/${json.id}`)).json.version).toBe(2);
    });
  });

  describe(verifies('FM-28', 'that are deleted'), () => {
    it('G09 are gone, once', async () => {
      const { json } = await make();
      const path = `${AGENTS}/${json.id}`;
      expect((await as(path, { method: 'DELETE' })).status).toBe(204);
      const gone = [404, 'resource_not_found'];
      expect((await as(path, { method: 'DELETE' })).outcome).toEqual(gone);
      expect((await as(path)).outcome).toEqual(gone);
      expect((await patch(json.id, { name: 'x' }, 1)).outcome).toEqual(gone);
      expect((await as(`${path}/versions`)).outcome).toEqual(gone);
      expect((await as(AGENTS)).json.agents).toEqual([]);
    });
  });

  it('G11 are exactly as many as the tier says, and one that is deleted makes room', async () => {
    // Sixty requests a minute: what comes before the last place is made without them.
    const eve = await newPerson(api, { tier: 'free' });
    const definition = definitionOf({ name: 'x' });
    for (let made = 0; made < 99; made += 1)
      await get(AgentRepository).create(eve, {
        id: newId(),
        definition,
        createdBy: eve.userId,
        at: new Date(),
        limit: 100,
      });
    const all = await Promise.all(Array.from({ length: 50 }, () => as(AGENTS, { body: { name: 'x' } }, eve)));
    const made = all.filter(({ status }) => status === 201);
    expect(all.map(({ status }) => status).filter((status) => status !== 201 && status !== 403)).toEqual([]);
    expect(made).toHaveLength(1);
    expect(all.filter(({ status, json }) => status === 403 && json.code === 'quota_exceeded')).toHaveLength(49);
    expect((await as(`${AGENTS}/${made[0]?.json.id}`, { method: 'DELETE' }, eve)).status).toBe(204);
    await make({ name: 'again' }, eve);
    expect((await as(AGENTS, { body: { name: 'x' } }, eve)).outcome).toEqual([403, 'quota_exceeded']);
  });

  it('are in the audit trail of the workspace', async () => {
    const { json } = await make();
    await patch(json.id, { name: 'x' }, 1);
    await as(`${AGENTS}/${json.id}`, { method: 'DELETE' });
    const entries = await get(AuditRepository).page(ada.workspaceId, {}, { limit: 10 });
    const acts = entries.filter(({ target }) => target?.id === json.id).map(({ action }) => action);
    expect(acts).toEqual(['agent.deleted', 'agent.changed', 'agent.created']);
  });

  it('R14 of two people with one name are two', async () => {
    const bob = await newPerson(api);
    const [one, other] = [await make({ name: 'Same' }), await make({ name: 'Same' }, bob)];
    expect((await as(`${AGENTS}/${one.json.id}`, {}, bob)).outcome).toEqual([404, 'resource_not_found']);
    expect((await as(`${AGENTS}/${other.json.id}`, {}, bob)).status).toBe(200);
  });
});

describe('the tools that there are', () => {
  let api: ApiUnderTest;
  beforeAll(async () => {
    api = await startApiUnderTest({ modules: [] });
  });
  afterAll(() => api.close());

  it('are listed with what they take, what they can do, and what is asked before', async () => {
    const { status, json } = await ask(api, await newPerson(api), '/api/v1/tools');
    expect(status).toBe(200);
    // The manifests of the tools that workers have: nobody is offered what nothing runs.
    expect(json.tools.map(({ id }: { id: string }) => id).sort()).toEqual(
      BUILT_IN_MANIFESTS.map(({ id }) => id).sort(),
    );
    const byId = new Map(json.tools.map((tool: { id: string }) => [tool.id, tool]));
    expect(byId.get('time.now')).toMatchObject({ risk: 'read', class: 'R', defaultPolicy: 'allow' });
    expect(byId.get('http.request')).toMatchObject({ class: 'C', defaultPolicy: 'ask' });
    expect(byId.get('http.get')).toMatchObject({
      parameters: { type: 'object', required: ['url'], additionalProperties: false },
    });
  });
});
