import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { BsonDate, Doc, encode, Int32 } from '../semantics/index.ts';
import { fsck, openStore } from './index.ts';
import { doc, findAll, insert, plain, testStore, type TestStore } from './testing/store.ts';
import type { ScanReport } from './types.ts';

const NS = 'test.things';
const all = { ns: NS, filter: new Doc() };

describe('store', () => {
  let test: TestStore;
  let clock: number;
  const scans: ScanReport[] = [];
  beforeEach(() => {
    clock = 1_000_000;
    scans.length = 0;
    test = testStore({ now: () => clock, onScan: (report) => scans.push(report) });
  });
  afterEach(() => test.remove());

  describe('writing', () => {
    it('gives documents back byte for byte after a restart', async () => {
      const stored = new Doc([
        ['_id', 1n],
        ['2', 1.5],
        ['1', new Int32(1)],
      ]);
      await test.store.transact((tx) => tx.insert(NS, stored));
      await test.reopen();
      const { documents } = await test.store.find(all).next({ documents: 10, bytes: 1_000 });
      expect(documents.map((bytes) => bytes.toString('hex'))).toEqual([encode(stored).toString('hex')]);
    });

    it('undoes a statement that throws, and only that one', async () => {
      const { store } = test;
      const good = insert(store, NS, { _id: 1 });
      const bad = store.transact((tx) => {
        tx.insert(NS, doc({ _id: 2 }));
        throw new Error('changed my mind');
      });
      const later = insert(store, NS, { _id: 3 });
      await expect(bad).rejects.toThrow('changed my mind');
      await Promise.all([good, later]);
      expect(await findAll(store, all)).toEqual([{ _id: 1 }, { _id: 3 }]);
    });

    it('goes on in a statement after a duplicate key', async () => {
      const codes: unknown[] = [];
      await test.store.transact((tx) => {
        for (const id of [1, 1, 2])
          try {
            tx.insert(NS, doc({ _id: id }));
          } catch (error) {
            codes.push(Object(error).code);
          }
      });
      expect(codes).toEqual([11000]);
      expect(await test.store.count(all)).toBe(2);
    });

    it('shows readers nothing before it is committed', async () => {
      const { store } = test;
      await insert(store, NS, { _id: 1 });
      const writing = insert(store, NS, { _id: 2 });
      const { documents } = await store.find(all).next({ documents: 10, bytes: 1_000 });
      await writing;
      expect(documents).toHaveLength(1);
      expect(await store.count(all)).toBe(2);
    });

    it('shows a statement its own writes', async () => {
      const found = await test.store.transact((tx) => {
        tx.insert(NS, doc({ _id: 1, a: 1 }));
        const [record] = tx.candidates(NS, { filter: doc({ a: 1 }) });
        tx.replace(NS, record!, doc({ _id: 1, a: 2 }));
        return [...tx.candidates(NS, { filter: doc({ a: 2 }) })].map((one) => plain(one.doc));
      });
      expect(found).toEqual([{ _id: 1, a: 2 }]);
    });

    it('takes back a collection whose creating statement failed', async () => {
      const failing = test.store.transact((tx) => {
        tx.insert(NS, doc({ _id: 1 }));
        throw new Error('no');
      });
      await expect(failing).rejects.toThrow('no');
      expect(test.store.collection(NS)).toBeUndefined();
      await insert(test.store, NS, { _id: 1 });
      expect(await test.store.count(all)).toBe(1);
    });

    it('keeps the parts of retry records with the writes they belong to, for thirty minutes', async () => {
      const { store } = test;
      const put = (part: number, n: number, txnNumber = 2n ** 60n): Promise<void> =>
        test.store.transact((tx) => tx.retries.put('a5', { txnNumber, part, results: doc({ n }) }));
      const kept = (): Promise<unknown> =>
        test.store.transact((tx) => [tx.retries.state('a5'), tx.retries.get('a5').map(plain)]);
      for (let part = 0; part < 12; part += 1) await put(part, part);
      await store.transact((tx) => tx.retries.put('a50', { txnNumber: 1n, part: 0, results: doc({ n: 99 }) }));
      await test.reopen();
      expect(await kept()).toEqual([
        { txnNumber: 2n ** 60n, parts: 12 },
        Array.from({ length: 12 }, (_, n) => ({ n })),
      ]);
      await put(0, 100, 2n ** 60n + 1n);
      expect(await kept()).toEqual([{ txnNumber: 2n ** 60n + 1n, parts: 1 }, [{ n: 100 }]]);
      clock += 30 * 60_000 + 1;
      expect(await test.store.transact((tx) => tx.retries.state('a5'))).toBeUndefined();
    });
  });

  describe('reading', () => {
    it('goes on in order while documents come and go', async () => {
      const { store } = test;
      await insert(store, NS, ...[1, 2, 3, 4, 5].map((id) => ({ _id: id })));
      const rows = store.find({ ...all, sort: doc({ _id: 1 }) });
      const first = await rows.next({ documents: 2, bytes: 1_000 });
      await store.transact((tx) => {
        for (const record of tx.candidates(NS, { filter: doc({ _id: { $in: [2, 4] } }) })) tx.remove(NS, record);
      });
      await insert(store, NS, { _id: 6 });
      const rest = await rows.next({ documents: 10, bytes: 1_000 });
      expect([first.documents.length, first.done]).toEqual([2, false]);
      expect(rest.documents.map((bytes) => bytes.readInt32LE(9))).toEqual([3, 5, 6]);
    });

    it('ends with an error when the collection is dropped meanwhile', async () => {
      await insert(test.store, NS, { _id: 1 }, { _id: 2 });
      const rows = test.store.find(all);
      await rows.next({ documents: 1, bytes: 1_000 });
      await test.store.dropCollection(NS);
      await expect(rows.next({ documents: 1, bytes: 1_000 })).rejects.toMatchObject({ code: 175 });
    });

    it('counts, lists distinct values and aggregates', async () => {
      const { store } = test;
      await insert(store, NS, { _id: 1, a: 1 }, { _id: 2, a: [1, 2] }, { _id: 3 });
      await insert(store, 'test.names', { _id: 1, name: 'one' });
      expect(await store.count({ ...all, filter: doc({ a: 1 }) })).toBe(2);
      expect(plain(await store.distinct({ ...all, key: 'a' }))).toEqual([1, 2]);
      const lookup = { $lookup: { from: 'names', localField: '_id', foreignField: '_id', as: 'n' } };
      const rows = store.aggregate({ ns: NS, pipeline: [doc({ $match: { _id: 1 } }), doc(lookup)] });
      const { documents, done } = await rows.next({ documents: 5, bytes: 1_000 });
      expect([documents.length, done, documents[0]?.includes('one')]).toEqual([1, true, true]);
    });

    it('gives the ids of what matches before anything changes', async () => {
      await insert(test.store, NS, { _id: 1, a: 1 }, { _id: 2, a: 2 }, { _id: 3, a: 1 });
      const slices: number[] = [];
      for await (const ids of test.store.matching(NS, { filter: doc({ a: 1 }) })) slices.push(...ids);
      const found = await test.store.transact((tx) => slices.map((id) => plain(tx.get(NS, id)?.doc)));
      expect(found).toEqual([
        { _id: 1, a: 1 },
        { _id: 3, a: 1 },
      ]);
    });

    it('answers quickly while a long sort without index runs on the reader thread, and reports that', async () => {
      const { store } = test;
      const many = 200_000;
      for (let from = 0; from < many; from += 2_000)
        await store.transact((tx) => {
          for (let id = from; id < from + 2_000; id++) tx.insert(NS, doc({ _id: id, n: (id * 7_919) % many }));
        });
      let sorting = true;
      const long = findAll(store, { ...all, sort: doc({ n: -1 }), limit: 2 }).finally(() => {
        sorting = false;
      });
      const times: number[] = [];
      const ask = async (): Promise<void> => {
        const from = performance.now();
        await findAll(store, { ...all, filter: doc({ _id: times.length }), limit: 1 });
        times.push(performance.now() - from);
        await new Promise((resolve) => setImmediate(resolve));
        if (sorting) await ask();
      };
      await ask();
      expect(await long).toMatchObject([{ n: many - 1 }, { n: many - 2 }]);
      expect(times.length).toBeGreaterThan(100);
      // All but those during which this machine was busy with something else.
      expect(times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.99)]).toBeLessThan(50);
      expect(scans).toEqual([{ ns: NS, filterShape: '{}', examined: many, returned: 2 }]);
    }, 60_000);
  });

  describe('explain', () => {
    it('names the index, and what it examined', async () => {
      const { store } = test;
      await store.createIndexes(NS, [doc({ key: { a: 1, b: -1 }, name: 'ab' })]);
      await insert(store, NS, { _id: 1, a: 1, b: 1 }, { _id: 2, a: 1, b: 2 }, { _id: 3, a: 2, b: 3 });
      const query = { ...all, filter: doc({ a: 1 }), sort: doc({ b: 1 }) };
      expect(plain(await store.explain(query, true))).toMatchObject({
        queryPlanner: {
          winningPlan: { stage: 'FETCH', inputStage: { stage: 'IXSCAN', indexName: 'ab', direction: 'backward' } },
        },
        executionStats: { nReturned: 2, totalKeysExamined: 2, totalDocsExamined: 2 },
      });
    });

    it('shows a scan and a sort, an index named by hint, and refuses an unknown one', async () => {
      const { store } = test;
      await store.createIndexes(NS, [doc({ key: { a: 1 }, name: 'a' })]);
      await insert(store, NS, { _id: 1, a: 1 });
      const sorted = { ...all, filter: doc({ z: 1 }), sort: doc({ z: 1 }) };
      expect(plain(await store.explain(sorted, false))).toMatchObject({
        queryPlanner: { winningPlan: { stage: 'SORT', inputStage: { stage: 'COLLSCAN' } } },
      });
      expect(plain(await store.explain({ ...all, hint: 'a' }, false))).toMatchObject({
        queryPlanner: { winningPlan: { inputStage: { indexName: 'a' } } },
      });
      expect(() => store.find({ ...all, hint: 'nope' })).toThrow(expect.objectContaining({ code: 2 }));
    });

    it('unites one index per branch of an $or', async () => {
      const { store } = test;
      await store.createIndexes(NS, [doc({ key: { a: 1 }, name: 'a' }), doc({ key: { b: 1 }, name: 'b' })]);
      await insert(store, NS, { _id: 1, a: 1, b: 1 }, { _id: 2, b: 1 }, { _id: 3 });
      const query = { ...all, filter: doc({ $or: [{ a: 1 }, { b: 1 }] }) };
      expect(plain(await store.explain(query, true))).toMatchObject({
        queryPlanner: { winningPlan: { stage: 'OR' } },
        executionStats: { nReturned: 2 },
      });
    });
  });

  describe('expiry', () => {
    it('deletes documents whose earliest date has passed, and nothing that is no date', async () => {
      const { store } = test;
      await store.createIndexes(NS, [doc({ key: { at: -1 }, name: 'ttl', expireAfterSeconds: 10 })]);
      const date = (ms: number): BsonDate => new BsonDate(BigInt(ms));
      await store.transact((tx) => {
        tx.insert(NS, Doc.of({ _id: 1, at: date(clock) }));
        tx.insert(NS, Doc.of({ _id: 2, at: [date(clock + 900_000), date(clock)] }));
        tx.insert(NS, Doc.of({ _id: 3, at: date(clock + 1) }));
        tx.insert(NS, Doc.of({ _id: 4, at: 5 }));
        tx.insert(NS, Doc.of({ _id: 5 }));
      });
      expect(await store.sweep()).toBe(0);
      clock += 10_000;
      expect(await store.sweep()).toBe(2);
      expect(await findAll(store, all)).toMatchObject([{ _id: 3 }, { _id: 4 }, { _id: 5 }]);
    });
  });

  it('expires by whole seconds when an index was given a fraction', async () => {
    const { store } = test;
    await store.createIndexes(NS, [doc({ key: { at: 1 }, name: 'ttl', expireAfterSeconds: 10.9 })]);
    await store.transact((tx) => tx.insert(NS, Doc.of({ _id: 1, at: new BsonDate(BigInt(clock)) })));
    clock += 9_999;
    expect(await store.sweep()).toBe(0);
    clock += 1;
    expect(await store.sweep()).toBe(1);
  });

  describe('the data folder', () => {
    it('cannot be opened twice', () => {
      expect(() => openStore({ folder: test.folder })).toThrow('another process uses the data folder');
    });

    it('is refused when a newer version wrote it', async () => {
      await test.store.close();
      const file = new DatabaseSync(join(test.folder, 'data.sqlite'));
      file.exec('PRAGMA user_version = 99');
      file.close();
      expect(() => openStore({ folder: test.folder })).toThrow('written by a newer version');
      const reset = new DatabaseSync(join(test.folder, 'data.sqlite'));
      reset.exec('PRAGMA user_version = 1');
      reset.close();
      await expect(test.reopen()).rejects.toThrow('not open');
      test = testStore({}, test.folder);
    });

    it('is found sound, or not, by fsck', async () => {
      const { store, folder } = test;
      await store.createIndexes(NS, [doc({ key: { a: 1 }, name: 'a', unique: true })]);
      await insert(store, NS, { _id: 1, a: [1, 2] }, { _id: 2, a: 3 });
      const { id } = store.collection(NS)!.indexes[1]!;
      await store.close();
      expect(fsck(folder)).toEqual([]);
      const file = new DatabaseSync(join(folder, 'data.sqlite'));
      file.exec(`UPDATE i${id} SET id = 1 WHERE id = 2`);
      file.close();
      expect(fsck(folder)).toEqual([{ ns: NS, problem: 'index a lacks an entry of document 2' }]);
      test = testStore({}, folder);
    });
  });
});
