import { TestDatabase } from '../../test/test-database.js';
import { Migrator } from '../migrations/migrator.js';
import { MAX_MEMORIES, MemoryRepository, type Memory } from './memory.repository.js';

const mine = { workspaceId: 'mine' };
const theirs = { workspaceId: 'theirs' };
const note = (name: string, text = 'a text', agentId = 'agent'): Omit<Memory, 'id' | 'workspaceId'> => ({
  agentId,
  name,
  text,
  runId: 'run',
  at: new Date('2026-01-31T10:00:00Z'),
});

describe('what agents remember', () => {
  const test = new TestDatabase();
  const memories = new MemoryRepository(test.database);
  beforeAll(async () => {
    await test.database.connect();
    await new Migrator(test.database).up();
  });
  afterAll(() => test.dispose());
  beforeEach(async () => {
    await memories.eraseAll(mine);
    await memories.eraseAll(theirs);
  });

  it('is found under its name, with the run that wrote it', async () => {
    expect(await memories.find(mine, 'agent', 'a')).toBeNull();
    expect(await memories.set(mine, note('a'))).toBe(true);
    const found = await memories.find(mine, 'agent', 'a');
    expect(found).toEqual({ id: expect.any(String), workspaceId: 'mine', ...note('a') });
  });

  it('is the last text of a name, however often and by however many it is written', async () => {
    await Promise.all(Array.from({ length: 10 }, () => memories.set(mine, note('a', 'first'))));
    await memories.set(mine, { ...note('a', 'second'), runId: 'later' });
    expect(await memories.list(mine, { limit: 10 })).toMatchObject([{ text: 'second', runId: 'later' }]);
  });

  it('of another workspace or agent is not found, not listed, not overwritten and not erased', async () => {
    await memories.set(theirs, note('a', 'their own'));
    await memories.set(mine, note('a', 'of another agent', 'other'));
    expect(await memories.find(mine, 'agent', 'a')).toBeNull();
    await memories.set(mine, note('a', 'my own'));
    expect(await memories.find(theirs, 'agent', 'a')).toMatchObject({ text: 'their own' });
    expect(await memories.eraseOfAgent(mine, 'agent')).toBe(1);
    expect(await memories.list(mine, { limit: 10 })).toMatchObject([{ text: 'of another agent' }]);
    expect(await memories.eraseAll(mine)).toBe(1);
    expect(await memories.list(theirs, { limit: 10 })).toHaveLength(1);
  });

  it('is no more than its number: a full memory takes new texts for old names only', async () => {
    await Promise.all(Array.from({ length: MAX_MEMORIES }, (_, index) => memories.set(mine, note(`n${index}`))));
    expect(await memories.set(mine, note('one-more'))).toBe(false);
    expect(await memories.find(mine, 'agent', 'one-more')).toBeNull();
    expect(await memories.set(mine, note('n7', 'new'))).toBe(true);
    expect(await memories.set(mine, note('one-more', 'of another agent', 'other'))).toBe(true);
  });

  it('is listed page by page', async () => {
    for (const name of ['a', 'b', 'c']) await memories.set(mine, note(name));
    const [first] = await memories.list(mine, { limit: 1 });
    const rest = await memories.list(mine, { after: first!.id, limit: 10 });
    expect([first!.name, ...rest.map(({ name }) => name)].sort()).toEqual(['a', 'b', 'c']);
  });
});
