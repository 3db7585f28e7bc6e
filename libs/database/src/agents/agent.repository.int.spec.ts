import { newId, type AgentDefinition } from '@flowmate/domain';
import { TestDatabase } from '../../test/test-database.js';
import { RUN, type Database } from '../connection/database.js';
import { Migrator } from '../migrations/migrator.js';
import { AgentRepository, type NewAgent } from './agent.repository.js';

const DEFINITION: AgentDefinition = {
  name: 'Reporter',
  description: '',
  systemPrompt: 'You report.',
  model: { name: null },
  tools: ['time.now'],
  policies: [{ tool: 'time.now', policy: 'ask' }],
  limits: { timeoutMs: null, maxSteps: 5 },
  output: { type: 'object', properties: { 'a.b': { type: 'string' } } },
};

describe('agents', () => {
  const test = new TestDatabase();
  const agents = new AgentRepository(test.database);
  beforeAll(async () => {
    await test.database.connect();
    await new Migrator(test.database).up();
  });
  afterAll(() => test.dispose());

  const someone = (): { workspaceId: string } => ({ workspaceId: newId() });
  const wanted = (change: Partial<NewAgent> = {}): NewAgent => ({
    id: newId(),
    definition: DEFINITION,
    createdBy: newId(),
    at: new Date(),
    limit: 100,
    ...change,
  });
  const rename = (name: string) => ({ definition: { ...DEFINITION, name }, by: newId(), at: new Date() });

  it('are read as they were written, down to the schema of the answer', async () => {
    const owner = someone();
    const one = wanted();
    expect(await agents.create(owner, one)).toBe('created');
    const found = await agents.find(owner, one.id);
    expect(found).toEqual({
      ...DEFINITION,
      id: one.id,
      workspaceId: owner.workspaceId,
      version: 1,
      createdBy: one.createdBy,
      createdAt: one.at,
      updatedAt: one.at,
    });
  });

  it('hides those of another workspace', async () => {
    const [owner, other] = [someone(), someone()];
    const { id } = wanted();
    await agents.create(owner, wanted({ id }));
    expect(await agents.find(other, id)).toBeNull();
    expect(await agents.findVersion(other, id, 1)).toBeNull();
    expect(await agents.list(other, {}, { limit: 10 })).toEqual([]);
    expect(await agents.listVersions(other, id, { limit: 10 })).toBeNull();
    expect(await agents.save(other, { id, version: 1 }, rename('x'))).toBeNull();
    expect(await agents.remove(other, id, new Date())).toBe(false);
    expect(await agents.find(owner, id)).toMatchObject({ name: 'Reporter', version: 1 });
  });

  it('keep every version as it was', async () => {
    const owner = someone();
    const { id } = wanted();
    await agents.create(owner, wanted({ id }));
    for (const version of [1, 2, 3]) await agents.save(owner, { id, version }, rename(`v${version + 1}`));
    const names = [1, 2, 3, 4].map(async (version) => (await agents.findVersion(owner, id, version))?.name);
    expect(await Promise.all(names)).toEqual(['Reporter', 'v2', 'v3', 'v4']);
    expect(await agents.findVersion(owner, id, 5)).toBeNull();
    const page = await agents.listVersions(owner, id, { limit: 2 });
    expect(page?.map(({ version }) => version)).toEqual([4, 3]);
    const next = await agents.listVersions(owner, id, { before: 3, limit: 10 });
    expect(next?.map(({ version }) => version)).toEqual([2, 1]);
  });

  it('are saved by one of twenty who have read the same version', async () => {
    const owner = someone();
    const { id } = wanted();
    await agents.create(owner, wanted({ id }));
    const saves = Array.from({ length: 20 }, (_, index) => agents.save(owner, { id, version: 1 }, rename(`n${index}`)));
    const won = (await Promise.all(saves)).filter((saved) => saved !== null);
    expect(won).toHaveLength(1);
    expect(await agents.find(owner, id)).toEqual(won[0]);
    expect((await agents.listVersions(owner, id, { limit: 10 }))?.map(({ version }) => version)).toEqual([2, 1]);
  });

  it('lose nothing to a save that is cut off anywhere, and list no version twice', async () => {
    for (let allowed = 0; allowed < 3; allowed += 1) {
      const owner = someone();
      const { id } = wanted();
      await agents.create(owner, wanted({ id }));
      let left = allowed;
      const dying = new Proxy(test.database, {
        get: (target, name) =>
          name === RUN
            ? (...args: Parameters<Database[typeof RUN]>) => {
                left -= 1;
                return left < 0 ? Promise.reject(new Error('killed')) : target[RUN](...args);
              }
            : Reflect.get(target, name),
      });
      const saving = new AgentRepository(dying).save(owner, { id, version: 1 }, rename('cut off'));
      await expect(saving).rejects.toThrow('killed');
      expect((await agents.listVersions(owner, id, { limit: 10 }))?.map(({ version }) => version)).toEqual([1]);
      expect(await agents.save(owner, { id, version: 1 }, rename('again'))).toMatchObject({ version: 2 });
      expect((await agents.findVersion(owner, id, 1))?.name).toBe('Reporter');
    }
  });

  it('are found by the beginning of their names, in any case, and nothing in it is a pattern', async () => {
    const owner = someone();
    for (const name of ['Alpha', 'alphabet', 'Beta', '.*', '$where'])
      await agents.create(owner, wanted({ definition: { ...DEFINITION, name } }));
    const found = async (namePrefix: string) =>
      (await agents.list(owner, { namePrefix }, { limit: 10 })).map(({ name }) => name).sort();
    expect(await found('ALPHA')).toEqual(['Alpha', 'alphabet']);
    expect(await found('.*')).toEqual(['.*']);
    expect(await found('(a+)+$')).toEqual([]);
    expect(await found('$')).toEqual(['$where']);
    expect(await found('\\')).toEqual([]);
  });

  it('that are deleted are gone but for the runs that pinned them, and leave their place', async () => {
    const owner = someone();
    const { id } = wanted();
    await agents.create(owner, wanted({ id, limit: 1 }));
    expect(await agents.create(owner, wanted({ limit: 1 }))).toBe('full');
    expect(await agents.remove(owner, id, new Date())).toBe(true);
    expect(await agents.remove(owner, id, new Date())).toBe(false);
    expect(await agents.find(owner, id)).toBeNull();
    expect(await agents.listVersions(owner, id, { limit: 10 })).toBeNull();
    expect(await agents.save(owner, { id, version: 1 }, rename('x'))).toBeNull();
    expect(await agents.findVersion(owner, id, 1)).toMatchObject({ name: 'Reporter' });
    expect(await agents.create(owner, wanted({ limit: 1 }))).toBe('created');
  });

  it('are exactly as many as may be, however many are made at once', async () => {
    const owner = someone();
    const made = async (count: number) => {
      const all = await Promise.all(Array.from({ length: count }, () => agents.create(owner, wanted({ limit: 20 }))));
      return all.filter((one) => one === 'created').length;
    };
    expect(await made(19)).toBe(19);
    expect(await made(50)).toBe(1);
    expect(await agents.list(owner, {}, { limit: 100 })).toHaveLength(20);
  });

  it('are not more after their limit was lowered', async () => {
    const owner = someone();
    for (let count = 0; count < 6; count += 1) await agents.create(owner, wanted({ limit: null }));
    expect(await agents.create(owner, wanted({ limit: 6 }))).toBe('full');
    const made = await Promise.all(Array.from({ length: 10 }, () => agents.create(owner, wanted({ limit: 8 }))));
    expect(made.filter((one) => one === 'created')).toHaveLength(2);
  });

  it('are made once for one request, also when there is no place left', async () => {
    const owner = someone();
    const request = { key: 'k'.repeat(43), body: 'b' };
    const ids = Array.from({ length: 20 }, () => newId());
    const made = await Promise.all(ids.map((id) => agents.create(owner, wanted({ id, request, limit: 1 }))));
    expect(made.filter((one) => one === 'created')).toHaveLength(1);
    expect(made.filter((one) => one === 'repeated')).toHaveLength(19);
    const agentId = ids[made.indexOf('created')];
    expect(await agents.findByRequest(owner, request.key)).toEqual({ agentId, body: 'b' });
    expect(await agents.findByRequest(someone(), request.key)).toBeNull();
    expect(await agents.create(someone(), wanted({ request }))).toBe('created');
  });

  it('of a workspace that is erased leave nothing', async () => {
    const [owner, other] = [someone(), someone()];
    for (const one of [owner, other]) {
      const { id } = wanted();
      await agents.create(one, wanted({ id }));
      await agents.save(one, { id, version: 1 }, rename('v2'));
    }
    await agents.eraseAll(owner);
    const db = await test.db();
    for (const name of ['agents', 'agent_versions']) {
      expect(await db.collection(name).countDocuments({ workspaceId: owner.workspaceId })).toBe(0);
      expect(await db.collection(name).countDocuments({ workspaceId: other.workspaceId })).toBe(1);
    }
  });
});
