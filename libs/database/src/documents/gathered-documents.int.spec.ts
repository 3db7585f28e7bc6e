import { mongo, Schema } from 'mongoose';
import { TestDatabase } from '../../test/test-database.js';
import { DatabaseUnavailableError } from '../connection/database.errors.js';
import { GatheredDocuments } from './gathered-documents.js';
import { NativeDocuments, type NativeCollection } from './native-documents.js';
import { isTaken } from './taken.js';

interface Page {
  readonly _id: string;
  readonly seq: number;
  readonly name?: string;
}

const PAGES: NativeCollection<Page> = { name: 'pages', schema: new Schema<Page>({ _id: String, seq: Number }) };

describe('documents that many write at the same time', () => {
  let test: TestDatabase;
  let pages: GatheredDocuments<Page>;
  let stored: NativeDocuments<Page>;

  beforeEach(async () => {
    test = new TestDatabase();
    await test.database.connectInTime();
    stored = new NativeDocuments(test.database, PAGES);
    pages = new GatheredDocuments(stored);
  });

  afterEach(() => test.dispose());

  const to = (seq: number) => ({ $set: { seq } });
  const seqs = async () =>
    (await stored.list({}, { limit: 100, sort: { _id: 1 } })).map(({ _id, seq }) => `${_id}${seq}`);

  it('are inserted with one command, and the one that is there already is the only one to fail', async () => {
    await pages.insert({ _id: 'b', seq: 0 });
    const commands = await test.commands();
    const all = ['a', 'b', 'c'].map((_id) => pages.insert({ _id, seq: 1 }));
    const [a, b, c] = await Promise.allSettled(all);
    expect([a?.status, c?.status]).toEqual(['fulfilled', 'fulfilled']);
    expect(b?.status === 'rejected' && isTaken(b.reason)).toBe(true);
    expect(await seqs()).toEqual(['a1', 'b0', 'c1']);
    // The group, and the refused one once more, to hear why.
    expect(commands.filter(({ commandName }) => commandName === 'insert')).toHaveLength(2);
  });

  it('are not said to be stored when the majority has not heard of them, also where one was refused', async () => {
    const result = { insertedCount: 1, getWriteConcernError: () => ({ code: 64 }) };
    const cause = new mongo.MongoBulkWriteError(
      { message: 'duplicate', code: 11_000, writeErrors: [{ index: 0 }] } as never,
      result as never,
    );
    jest.spyOn(stored, 'insertEach').mockRejectedValue(cause);
    const all = ['a', 'b'].map((_id) => pages.insert({ _id, seq: 1 }));
    const heard = await Promise.allSettled(all);
    expect(heard.map((one) => one.status === 'rejected' && one.reason instanceof DatabaseUnavailableError)).toEqual([
      true,
      true,
    ]);
  });

  it('are updated with one command, each if its own filter matches', async () => {
    await Promise.all(['a', 'b', 'c'].map((_id) => pages.insert({ _id, seq: 1 })));
    const commands = await test.commands();
    const all = ['a', 'b', 'c'].map((_id, index) => pages.update({ _id, seq: 1 }, to(10 + index)));
    await expect(Promise.all(all)).resolves.toEqual([true, true, true]);
    expect(commands.map(({ commandName }) => commandName)).toEqual(['update']);
    expect(await seqs()).toEqual(['a10', 'b11', 'c12']);
  });

  it('are not said to match when one of a group did not: the store does not say which', async () => {
    await Promise.all(['a', 'b'].map((_id) => pages.insert({ _id, seq: 1 })));
    const all = [pages.update({ _id: 'a', seq: 1 }, to(2)), pages.update({ _id: 'b', seq: 9 }, to(2))];
    await expect(Promise.all(all)).resolves.toEqual([undefined, undefined]);
    expect(await seqs()).toEqual(['a2', 'b1']);
    await expect(pages.update({ _id: 'b', seq: 9 }, to(2))).resolves.toBe(false);
  });

  it('are updated when another of the group cannot be', async () => {
    await Promise.all(['a', 'b'].map((_id) => pages.insert({ _id, seq: 1, name: 'text' })));
    const wrong = { $inc: { name: 1 } } as never;
    const all = [pages.update({ _id: 'a', seq: 1 }, to(2)), pages.update({ _id: 'b', seq: 1 }, wrong)];
    const [a, b] = await Promise.allSettled(all);
    expect(a).toEqual({ status: 'fulfilled', value: true });
    expect(b).toMatchObject({ status: 'rejected', reason: { message: expect.stringMatching(/non-numeric/) } });
  });

  it('are read with one query, each for who asked', async () => {
    await Promise.all(['a', 'b'].map((_id, seq) => pages.insert({ _id, seq })));
    const commands = await test.commands();
    const found = await Promise.all(['b', 'none', 'a', 'b'].map((id) => pages.read(id)));
    expect(found.map((page) => page?._id)).toEqual(['b', undefined, 'a', 'b']);
    expect(commands.map(({ commandName }) => commandName)).toEqual(['find']);
  });
});
