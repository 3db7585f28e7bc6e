import { doc, insert, testStore, type TestStore } from './testing/store.ts';
import { dataFile } from './folder.ts';
import { Reader } from './reader.ts';

describe('the reader thread', () => {
  let test: TestStore;
  beforeEach(() => {
    test = testStore({ readers: 0 });
  });
  afterEach(() => test.remove());

  it('fails a query it has no memory for with a code that is not sent again, and reads the next', async () => {
    await insert(test.store, 'test.c', { _id: 1, a: Array.from({ length: 1_500 }, (_, at) => at) });
    const reader = new Reader(dataFile(test.folder), () => undefined, { maxOldGenerationSizeMb: 48 });
    const pipeline = [doc({ $addFields: { b: '$a' } }), doc({ $unwind: '$a' }), doc({ $unwind: '$b' })];
    const limits = { documents: 1, bytes: 1_000 };
    const large = reader.open({ kind: 'aggregate', query: { ns: 'test.c', pipeline } });
    await expect(large.next(limits)).rejects.toMatchObject({ code: 292 });
    await expect(large.next(limits)).rejects.toMatchObject({ code: 237 });
    const small = reader.open({ kind: 'find', query: { ns: 'test.c', filter: doc({}) } });
    expect((await small.next(limits)).documents).toHaveLength(1);
    await reader.close();
  });
});
