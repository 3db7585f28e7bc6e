import { Doc, MongoError } from '../semantics/index.ts';
import { fsck } from './fsck.ts';
import { doc, findAll, insert, plain, testStore, type TestStore } from './testing/store.ts';

const NS = 'test.things';
const all = { ns: NS, filter: new Doc() };

describe('indexes', () => {
  let test: TestStore;
  beforeEach(() => {
    test = testStore({ readers: 0 });
  });
  afterEach(() => test.remove());

  const create = (...specs: Array<Record<string, unknown>>): Promise<unknown> =>
    test.store.createIndexes(NS, specs.map(doc));
  const names = (): string[] | undefined => test.store.collection(NS)?.indexes.map(({ name }) => name);

  it('are created once, with the collection', async () => {
    expect(await create({ key: { a: 1 }, name: 'a' })).toEqual({ createdCollection: true, before: 1, after: 2 });
    expect(await create({ key: { a: 1 }, name: 'a' })).toEqual({ createdCollection: false, before: 2, after: 2 });
    expect(names()).toEqual(['_id_', 'a']);
  });

  it.each([
    ['another name for the same key', { key: { a: 1 }, name: 'other' }, 85],
    ['another key for the same name', { key: { b: 1 }, name: 'a' }, 86],
    ['other options for the same index', { key: { a: 1 }, name: 'a', unique: true }, 85],
    ['no name', { key: { c: 1 } }, 9],
    ['no key', { name: 'c' }, 9],
    ['an unknown kind', { key: { c: 'x' }, name: 'c' }, 67],
    ['an empty key', { key: {}, name: 'c' }, 67],
    ['a direction of zero', { key: { c: 0 }, name: 'c' }, 67],
    ['a compound TTL index', { key: { c: 1, d: 1 }, name: 'c', expireAfterSeconds: 1 }, 67],
    ['a negative expiry', { key: { c: 1 }, name: 'c', expireAfterSeconds: -1 }, 67],
    ['$nor in a partial index', { key: { c: 1 }, name: 'c', partialFilterExpression: { $nor: [{ a: 1 }] } }, 67],
    ['an unknown option', { key: { c: 1 }, name: 'c', nope: 1 }, 197],
    ['a hidden index', { key: { c: 1 }, name: 'c', hidden: true }, 238],
    ['a collation', { key: { c: 1 }, name: 'c', collation: { locale: 'de' } }, 238],
    ['a text index', { key: { c: 'text' }, name: 'c' }, 238],
    ['a hashed index', { key: { c: 'hashed' }, name: 'c' }, 238],
    ['a wildcard index', { key: { 'c.$**': 1 }, name: 'c' }, 238],
    ['a number in a path', { key: { 'c.0': 1 }, name: 'c' }, 238],
  ])('refuse %s', async (_what, spec, code) => {
    await create({ key: { a: 1 }, name: 'a' });
    await expect(create(spec)).rejects.toMatchObject({ code });
    expect(names()).toEqual(['_id_', 'a']);
  });

  it('that are unique name the duplicate, and are not left behind over existing ones', async () => {
    await insert(test.store, NS, { _id: 1, a: 1 }, { _id: 2, a: 1 });
    const failed: unknown = await create({ key: { a: 1 }, name: 'a', unique: true }).catch((error: unknown) => error);
    expect(failed).toMatchObject({ code: 11000 });
    expect([plain(Object(failed).keyPattern), plain(Object(failed).keyValue)]).toEqual([{ a: 1 }, { a: 1 }]);
    expect(names()).toEqual(['_id_']);
  });

  it('that are unique allow a value twice in one document, not in two, and take null once', async () => {
    await create({ key: { a: 1, b: -1 }, name: 'ab', unique: true });
    await insert(test.store, NS, { _id: 1, a: [1, 1], b: 1 }, { _id: 2, a: 1, b: 2 }, { _id: 3 });
    for (const clash of [{ a: [7, 1], b: 1 }, { a: null }])
      await expect(insert(test.store, NS, { _id: 9, ...clash })).rejects.toThrow('index: ab dup key');
    const replaced = test.store.transact((tx) => {
      const [record] = tx.candidates(NS, { filter: doc({ _id: 2 }) });
      tx.replace(NS, record!, doc({ _id: 2, a: 1, b: 1 }));
    });
    await expect(replaced).rejects.toMatchObject({ code: 11000 });
    expect(await test.store.count(all)).toBe(3);
  });

  it('that are partial or sparse leave out what they do not cover', async () => {
    await create(
      { key: { a: 1 }, name: 'live', unique: true, partialFilterExpression: { live: true } },
      { key: { s: 1 }, name: 'sparse', unique: true, sparse: true },
    );
    await insert(test.store, NS, { _id: 1, a: 1, live: true }, { _id: 2, a: 1 }, { _id: 3 }, { _id: 4, s: null });
    await expect(insert(test.store, NS, { _id: 5, a: 1, live: true })).rejects.toMatchObject({ code: 11000 });
    await expect(insert(test.store, NS, { _id: 5, s: null })).rejects.toMatchObject({ code: 11000 });
    const planOf = async (filter: Record<string, unknown>): Promise<string> =>
      JSON.stringify(plain(await test.store.explain({ ...all, filter: doc(filter) }, false)));
    expect(await planOf({ a: 1, live: true })).toContain('"indexName":"live"');
    expect(await planOf({ a: 1 })).toContain('COLLSCAN');
    expect(await planOf({ s: null })).toContain('COLLSCAN');
    expect(await planOf({ s: 1 })).toContain('"indexName":"sparse"');
  });

  it('find the elements that $all and $elemMatch ask for', async () => {
    await create({ key: { a: 1 }, name: 'a' });
    await insert(test.store, NS, { _id: 1, a: [1, 2] }, { _id: 2, a: [2, 3] }, { _id: 3, a: 2 });
    for (const [condition, found] of [
      [{ $all: [2, 1] }, [1]],
      [{ $elemMatch: { $gt: 2 } }, [2]],
    ] as const) {
      const query = { ...all, filter: doc({ a: condition }) };
      expect(JSON.stringify(plain(await test.store.explain(query, false)))).toContain('"indexName":"a"');
      expect((await findAll(test.store, query)).map((one) => Object(one)._id)).toEqual(found);
    }
  });

  it('are 64 at most', async () => {
    await create(...Array.from({ length: 63 }, (_, at) => ({ key: { [`f${at}`]: 1 }, name: `f${at}` })));
    await expect(create({ key: { more: 1 }, name: 'more' })).rejects.toMatchObject({ code: 67 });
    expect(names()).toHaveLength(64);
  });

  it('refuse documents with two parallel arrays', async () => {
    await create({ key: { a: 1, b: 1 }, name: 'ab' });
    const parallel = insert(test.store, NS, { _id: 1, a: [1], b: [2] });
    await expect(parallel).rejects.toThrow(new MongoError(171, 'cannot index parallel arrays [b] [a]'));
  });

  it('follow documents that are replaced and removed', async () => {
    await create({ key: { a: 1 }, name: 'a' });
    await insert(test.store, NS, { _id: 1, a: [1, 2, 3] }, { _id: 2, a: 1 });
    await test.store.transact((tx) => {
      const [first, second] = [...tx.candidates(NS, { filter: new Doc() })];
      tx.replace(NS, first!, doc({ _id: 1, a: [3, 4] }));
      tx.remove(NS, second!);
    });
    expect(await findAll(test.store, { ...all, filter: doc({ a: 1 }) })).toEqual([]);
    expect(await findAll(test.store, { ...all, filter: doc({ a: 4 }) })).toEqual([{ _id: 1, a: [3, 4] }]);
    await test.store.close();
    expect(fsck(test.folder)).toEqual([]);
    test = testStore({ readers: 0 }, test.folder);
  });

  it('fill while others write, and are there for whoever asks for the same', async () => {
    await test.store.transact((tx) => {
      for (let id = 0; id < 5_000; id++) tx.insert(NS, doc({ _id: id, a: id % 7 }));
    });
    const creating = create({ key: { a: 1 }, name: 'a' });
    const again = create({ key: { a: 1 }, name: 'a' }).then(() => test.store.collection(NS)?.indexes[1]?.ready);
    for (let id = 5_000; id < 5_050; id++) await insert(test.store, NS, { _id: id, a: 3 });
    await creating;
    expect(await again).toBe(true);
    await test.store.close();
    expect(fsck(test.folder)).toEqual([]);
    test = testStore({ readers: 0 }, test.folder);
  });

  it('are dropped by name, key, list or all, except the one of _id', async () => {
    await create(...['a', 'b', 'c', 'd'].map((name) => ({ key: { [name]: 1 }, name })));
    await expect(test.store.dropIndexes(NS, '_id_')).rejects.toMatchObject({ code: 72 });
    await expect(test.store.dropIndexes(NS, 'nope')).rejects.toMatchObject({ code: 27 });
    await expect(test.store.dropIndexes('test.nope', '*')).rejects.toMatchObject({ code: 26 });
    expect(await test.store.dropIndexes(NS, 'a')).toBe(5);
    expect(await test.store.dropIndexes(NS, doc({ b: 1 }))).toBe(4);
    expect(await test.store.dropIndexes(NS, ['c'])).toBe(3);
    expect(await test.store.dropIndexes(NS, '*')).toBe(2);
    expect(names()).toEqual(['_id_']);
  });

  it('are not in two databases that differ by case only', async () => {
    await create({ key: { a: 1 }, name: 'a' });
    await expect(insert(test.store, 'Test.things', { _id: 1 })).rejects.toMatchObject({ code: 13297 });
    expect(test.store.databases()).toEqual(['test']);
  });

  it('go with their collection and its database', async () => {
    await create({ key: { a: 1 }, name: 'a' });
    await insert(test.store, 'other.things', { _id: 1 });
    expect(test.store.databases()).toEqual(['other', 'test']);
    expect(await test.store.dropCollection(NS)).toBe(2);
    await expect(test.store.dropCollection(NS)).rejects.toMatchObject({ code: 26 });
    await test.store.dropDatabase('other');
    expect(test.store.databases()).toEqual([]);
  });
});
