import { decode } from '../semantics/index.ts';
import { loadCatalogue } from './catalogue.ts';
import { Connection } from './connection.ts';
import { dataFile } from './folder.ts';
import { openJob } from './jobs.ts';
import { doc, insert, plain, testStore, type TestStore } from './testing/store.ts';

describe('a join', () => {
  let test: TestStore;
  beforeEach(() => {
    test = testStore({ readers: 0 });
  });
  afterEach(() => test.remove());

  it('gives up when the time is over that it may keep others waiting, and is done by who has time', async () => {
    await insert(test.store, 'test.few', { _id: 1, k: 7 });
    await insert(test.store, 'test.many', { _id: 1, k: 7 }, { _id: 2, k: 8 });
    const connection = new Connection(dataFile(test.folder), true);
    const view = { connection, catalogue: () => loadCatalogue(connection) };
    const pipeline = [doc({ $lookup: { from: 'many', localField: 'k', foreignField: 'k', as: 'found' } })];
    const job = openJob(view, { kind: 'aggregate', query: { ns: 'test.few', pipeline } });
    const all = { records: 10, bytes: 1_000_000 };
    expect(job.step({ ...all, until: performance.now(), brief: true })).toEqual([]);
    expect(job.done).toBe(false);
    const documents = job.step({ ...all, until: performance.now() });
    connection.close();
    expect(documents.map((bytes) => plain(decode(bytes)))).toEqual([{ _id: 1, k: 7, found: [{ _id: 1, k: 7 }] }]);
  });
});
