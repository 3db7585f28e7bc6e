import { Schema, trusted } from 'mongoose';
import { TestDatabase } from '../../test/test-database.js';
import type { CollectionDefinition, Owned } from './collection.js';
import { SystemDocuments } from './documents.js';
import { isTaken } from './taken.js';
import { OwnedDocuments } from './owned-documents.js';

interface Note extends Owned {
  readonly _id: string;
  readonly text: string;
  readonly rank: number;
}

const NOTES: CollectionDefinition<Note> = {
  name: 'notes',
  schema: new Schema<Note>(
    { _id: String, workspaceId: { type: String, required: true }, text: String, rank: Number },
    { versionKey: false },
  ),
};

/** A repository as those of people's documents are: the owner first, plain objects out. */
class NoteRepository {
  constructor(private readonly notes: OwnedDocuments<Note>) {}

  find(owner: { workspaceId: string }, id: string): Promise<Note | null> {
    return this.notes.findOne(owner, { _id: id });
  }
}

const mine = { workspaceId: 'mine' };
const theirs = { workspaceId: 'theirs' };

describe('documents that have an owner', () => {
  const test = new TestDatabase();
  const notes = new OwnedDocuments(test.database, NOTES);
  beforeAll(() => test.database.connect());
  afterAll(() => test.dispose());
  beforeEach(async () => {
    await (await test.db()).collection('notes').deleteMany({});
    await notes.insert(mine, { _id: 'a', text: 'my own', rank: 1 });
    await notes.insert(theirs, { _id: 'b', text: 'their own', rank: 2 });
  });

  it('are found by their owner, as plain objects', async () => {
    const found = await new NoteRepository(notes).find(mine, 'a');
    expect(found).toEqual({ _id: 'a', workspaceId: 'mine', text: 'my own', rank: 1 });
    expect(Object.getPrototypeOf(found)).toBe(Object.prototype);
  });

  it('of another owner are not found, not listed, not counted, not changed and not deleted', async () => {
    expect(await notes.findOne(mine, { _id: 'b' })).toBeNull();
    expect(await notes.list(mine, {}, { sort: { rank: 1 }, limit: 10 })).toHaveLength(1);
    expect(await notes.count(mine, {}, 10)).toBe(1);
    expect(await notes.update(mine, { _id: 'b' }, { $set: { text: 'stolen' } })).toBe(false);
    expect(await notes.change(mine, { _id: 'b' }, { $set: { text: 'stolen' } })).toBeNull();
    expect(await notes.delete(mine, { _id: 'b' })).toBe(false);
    expect(await notes.deleteAll(mine)).toBe(1);
    expect(await notes.findOne(theirs, { _id: 'b' })).toMatchObject({ text: 'their own' });
  });

  it('stay with their owner whatever a filter or an update says', async () => {
    const reach = { $or: [{ workspaceId: 'theirs' }, { _id: 'b' }] };
    expect(await notes.findOne(mine, reach as never)).toBeNull();
    expect(await notes.findOne(mine, { workspaceId: 'theirs' } as never)).toBeNull();
    await notes.insert(mine, { _id: 'c', text: '', rank: 3, workspaceId: 'theirs' } as never);
    expect(await notes.findOne(mine, { _id: 'c' })).not.toBeNull();
  });

  it('cannot be asked for without an owner: it does not compile', () => {
    const neverRun = (): unknown => [
      // @ts-expect-error -- an owner is missing
      notes.findOne({ _id: 'a' }),
      // @ts-expect-error -- an owner is missing
      notes.list({}, { sort: { rank: 1 }, limit: 1 }),
      // @ts-expect-error -- nobody is no owner
      notes.count(undefined, {}, 1),
      // @ts-expect-error -- an owner is missing
      notes.update({ _id: 'a' }, { $set: { text: '' } }),
      // @ts-expect-error -- an owner is missing
      notes.change({ _id: 'a' }, { $set: { text: '' } }),
      // @ts-expect-error -- an owner is missing
      notes.delete({ _id: 'a' }),
      // @ts-expect-error -- an owner is missing
      notes.deleteAll(),
      // @ts-expect-error -- a document does not name its owner itself
      notes.insert({ _id: 'a', workspaceId: 'mine', text: '', rank: 1 }),
      // @ts-expect-error -- there is no way to ask for everything
      notes.find({}),
      // @ts-expect-error -- a list has an end
      notes.list(mine, {}, { sort: { rank: 1 } }),
      // @ts-expect-error -- nobody gets the documents of all owners
      notes.all.findOne({}),
    ];
    expect(neverRun).toBeInstanceOf(Function);
  });

  it('are found without an owner only by what says so', async () => {
    expect(await notes.findOneUnscoped({ _id: 'b' })).toMatchObject({ workspaceId: 'theirs' });
  });

  it('take operators in a filter only from our own code', async () => {
    const fromOutside = { $ne: 'nobody' } as unknown as string;
    await expect(notes.findOne(mine, { _id: fromOutside })).rejects.toThrow('Cast to string failed');
    expect(await notes.findOne(mine, { rank: trusted({ $gte: 1 }) })).toMatchObject({ _id: 'a' });
  });

  it('have no fields that the schema does not know', async () => {
    await expect(notes.insert(mine, { _id: 'd', text: '', rank: 0, other: 1 } as never)).rejects.toThrow('other');
    await expect(notes.update(mine, { _id: 'a' }, { $set: { other: 1 } } as never)).rejects.toThrow('other');
    await expect(notes.findOne(mine, { other: 1 } as never)).rejects.toThrow('other');
  });

  it('are never asked without a limit of time', async () => {
    const all = new SystemDocuments(test.database, NOTES);
    const commands = await test.commands();
    await all.insert({ _id: 'e', workspaceId: 'w', text: '', rank: 0 });
    await all.findOne({ _id: 'e' });
    await all.list({}, { sort: { _id: 1 }, limit: 1 });
    await all.count({}, 1);
    await all.update({ _id: 'e' }, { $set: { rank: 1 } });
    await all.update({ _id: 'f' }, { $set: { rank: 1 } }, { upsert: true });
    await all.change({ _id: 'e' }, { $set: { rank: 2 } });
    await all.updateAll({ _id: 'e' }, { $set: { rank: 3 } });
    await all.join({ _id: 'e' }, [{ $limit: 1 }]);
    await all.delete({ _id: 'e' });
    await all.deleteAll({ _id: 'f' });
    expect(commands.map(({ commandName }) => commandName)).toEqual(
      'insert find find aggregate update update findAndModify update aggregate delete delete'.split(' '),
    );
    for (const { command } of commands) expect(command).toMatchObject({ maxTimeMS: 2_000 });
  });

  it('are changed by who comes first, and answered as they are then', async () => {
    const claim = (): Promise<Note | null> => notes.change(mine, { _id: 'a', rank: 1 }, { $set: { rank: 2 } });
    const claims = await Promise.all([claim(), claim(), claim()]);
    expect(claims.filter(Boolean)).toEqual([{ _id: 'a', workspaceId: 'mine', text: 'my own', rank: 2 }]);
  });

  it('a key that is taken is told as what it is', async () => {
    await expect(notes.insert(mine, { _id: 'a', text: '', rank: 0 })).rejects.toMatchObject({ code: 11_000 });
    expect(isTaken(await notes.insert(mine, { _id: 'a', text: '', rank: 0 }).catch((error: unknown) => error))).toBe(
      true,
    );
    expect(isTaken(new Error('another'))).toBe(false);
  });
});
