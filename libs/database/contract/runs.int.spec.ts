import { ObjectId } from 'mongodb';
import { codeOf, ContractStore, CROWD } from './contract-store.js';

interface Run {
  _id: string;
  epoch: number;
  seq: number;
  owner?: string;
  status: string;
  wakeAt?: Date;
  rank: number;
  journal: Array<{ seq: number; type: string }>;
}

const run = (changes: Partial<Run> = {}): Run => ({
  _id: new ObjectId().toHexString(),
  epoch: 0,
  seq: 0,
  status: 'queued',
  rank: 0,
  journal: [],
  ...changes,
});

describe('a store of runs', () => {
  let store: ContractStore;
  beforeAll(() => (store = new ContractStore()));
  afterAll(() => store.dispose());

  describe('a guarded append', () => {
    const append = (runs: ReturnType<typeof store.collection<Run>>, _id: string, epoch: number, seq: number) =>
      runs.updateOne(
        { _id, epoch, seq },
        { $push: { journal: { $each: [{ seq: seq + 1, type: 'model.called' }] } }, $set: { seq: seq + 1 } },
      );

    it('lands once for each place in the journal, however many try', async () => {
      const runs = store.collection<Run>();
      const { insertedId } = await runs.insertOne(run({ epoch: 1 }));
      for (let seq = 0; seq < 5; seq += 1) {
        const tries = await Promise.all(CROWD.map(() => append(runs, insertedId, 1, seq)));
        expect(tries.reduce((sum, { modifiedCount }) => sum + modifiedCount, 0)).toBe(1);
      }
      const found = await runs.findOne({ _id: insertedId });
      expect(found?.journal.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5]);
    });

    it('misses when the epoch is another one', async () => {
      const runs = store.collection<Run>();
      const { insertedId } = await runs.insertOne(run({ epoch: 2 }));
      expect(await append(runs, insertedId, 1, 0)).toMatchObject({ matchedCount: 0, modifiedCount: 0 });
      expect((await runs.findOne({ _id: insertedId }))?.journal).toEqual([]);
    });

    it('keeps a journal of a megabyte in order', async () => {
      const runs = store.collection<Run>();
      const { insertedId } = await runs.insertOne(run({ epoch: 1 }));
      const type = 'x'.repeat(10_000);
      for (let seq = 0; seq < 100; seq += 1) {
        const update = { $push: { journal: { seq: seq + 1, type } }, $set: { seq: seq + 1 } };
        expect((await runs.updateOne({ _id: insertedId, epoch: 1, seq }, update)).modifiedCount).toBe(1);
      }
      const tail = await runs.findOne({ _id: insertedId }, { projection: { journal: { $slice: -2 } } });
      expect(tail?.journal.map(({ seq }) => seq)).toEqual([99, 100]);
      expect(tail?.seq).toBe(100);
    });
  });

  describe('a claim', () => {
    it('gives each run to one owner, oldest rank first', async () => {
      const runs = store.collection<Run>();
      await runs.createIndex(
        { status: 1, rank: 1 },
        { partialFilterExpression: { status: { $in: ['queued', 'running'] } } },
      );
      await runs.insertMany(CROWD.map((rank) => run({ rank })));
      const claims = await Promise.all(
        CROWD.map((owner) =>
          runs.findOneAndUpdate(
            { status: 'queued' },
            { $set: { status: 'running', owner: `w${owner}` }, $inc: { epoch: 1 }, $currentDate: { wakeAt: true } },
            { sort: { rank: 1 }, returnDocument: 'after' },
          ),
        ),
      );
      expect(claims.map((claimed) => claimed?.rank).sort((a = 0, b = 0) => a - b)).toEqual(CROWD);
      expect(new Set(claims.map((claimed) => claimed?.owner)).size).toBe(CROWD.length);
      expect(claims.every((claimed) => claimed?.epoch === 1 && claimed.wakeAt instanceof Date)).toBe(true);
      expect(await runs.findOneAndUpdate({ status: 'queued' }, { $set: { owner: 'late' } })).toBeNull();
    });

    it('judges leases by the clock of the store', async () => {
      const workers = store.collection<{ _id: string; at: Date; gone?: boolean }>();
      await workers.updateOne({ _id: 'alive' }, { $currentDate: { at: true } }, { upsert: true });
      await workers.insertOne({ _id: 'silent', at: new Date(Date.now() - 60_000) });
      const silent = { $expr: { $lt: ['$at', { $subtract: ['$$NOW', 10_000] }] }, gone: { $exists: false } };
      expect(await workers.updateMany(silent, { $set: { gone: true } })).toMatchObject({ modifiedCount: 1 });
      expect(await workers.find({ gone: true }).toArray()).toMatchObject([{ _id: 'silent' }]);
    });
  });

  describe('what is due', () => {
    it('is found by index, page by page, without what has no time to wake', async () => {
      const runs = store.collection<Run>();
      await runs.createIndex({ wakeAt: 1, _id: 1 }, { partialFilterExpression: { wakeAt: { $exists: true } } });
      await runs.insertMany(
        CROWD.map((i) => run({ _id: `r${i}`.padStart(3, '0'), ...(i % 2 ? { wakeAt: new Date(i) } : {}) })),
      );
      const due = { wakeAt: { $lte: new Date(15) } };
      const ids: string[] = [];
      for (;;) {
        const after = ids.at(-1);
        const page = await runs
          .find(after ? { ...due, _id: { $gt: after } } : due)
          .sort({ _id: 1 })
          .limit(3)
          .toArray();
        ids.push(...page.map(({ _id }) => _id));
        if (page.length < 3) break;
      }
      expect(ids).toHaveLength(8);
      const plan = await runs.find(due).sort({ wakeAt: 1 }).explain('queryPlanner');
      expect(JSON.stringify(plan)).toContain('"IXSCAN"');
    });

    it('is found through either branch of an $or', async () => {
      const runs = store.collection<Run>();
      await runs.createIndexes([{ key: { owner: 1 } }, { key: { wakeAt: 1 } }]);
      await runs.insertMany([run({ owner: 'gone' }), run({ wakeAt: new Date(1) }), run({ owner: 'here' })]);
      const filter = { $or: [{ owner: { $in: ['gone'] } }, { wakeAt: { $lte: new Date(2) } }] };
      expect(await runs.countDocuments(filter)).toBe(2);
    });

    it('is counted up to a limit', async () => {
      const runs = store.collection<Run>();
      await runs.insertMany(CROWD.map(() => run()));
      expect(await runs.countDocuments({ status: 'queued' }, { limit: 7 })).toBe(7);
      expect(await runs.countDocuments({ status: 'running' })).toBe(0);
      expect(await runs.estimatedDocumentCount()).toBe(CROWD.length);
    });
  });

  describe('starting twice', () => {
    it('is refused by a unique index over those that carry a key', async () => {
      const runs = store.collection<Run & { key?: string; workspace: string }>();
      await runs.createIndex(
        { workspace: 1, key: 1 },
        { unique: true, partialFilterExpression: { key: { $exists: true } } },
      );
      const outcomes = await Promise.all(
        CROWD.map(() => codeOf(runs.insertOne({ ...run(), workspace: 'w', key: 'same' }))),
      );
      expect(outcomes.filter((code) => code === 11_000)).toHaveLength(CROWD.length - 1);
      await runs.insertMany(CROWD.map(() => ({ ...run(), workspace: 'w' })));
      expect(await runs.countDocuments({ workspace: 'w' })).toBe(CROWD.length + 1);
    });

    it('says which key was there already', async () => {
      const slots = store.collection<{ schedule: string; slot: Date }>();
      await slots.createIndex({ schedule: 1, slot: 1 }, { unique: true });
      const slot = { schedule: 's', slot: new Date(0) };
      await slots.insertOne({ ...slot });
      const again = slots.insertOne({ ...slot });
      await expect(again).rejects.toMatchObject({
        code: 11_000,
        keyPattern: { schedule: 1, slot: 1 },
        keyValue: slot,
      });
    });
  });

  describe('an upsert', () => {
    it('of one purse by many makes one purse, and counts everyone', async () => {
      const purses = store.collection<{ _id: string; limit: number; spent: number }>();
      await Promise.all(
        CROWD.map(() =>
          purses.updateOne({ _id: 'p' }, { $setOnInsert: { limit: 9 }, $inc: { spent: 1 } }, { upsert: true }),
        ),
      );
      expect(await purses.find().toArray()).toEqual([{ _id: 'p', limit: 9, spent: CROWD.length }]);
    });

    it('by a unique key that is not _id makes one document', async () => {
      const events = store.collection<{ source: string; eventId: string; seen: number }>();
      await events.createIndex({ source: 1, eventId: 1 }, { unique: true });
      const filter = { source: 'github', eventId: 'e' };
      await Promise.all(CROWD.map(() => events.updateOne(filter, { $inc: { seen: 1 } }, { upsert: true })));
      expect(await events.find({}, { projection: { _id: 0 } }).toArray()).toEqual([{ ...filter, seen: CROWD.length }]);
    });

    it('settles one hold and takes the next in one update', async () => {
      const purses = store.collection<{ _id: string; spent: number; holds: Array<{ call: string; usd: number }> }>();
      await purses.insertOne({ _id: 'p', spent: 0, holds: [{ call: 'a', usd: 5 }] });
      const settle = { $inc: { spent: 3 }, $pull: { holds: { call: 'a' } } };
      const first = await purses.updateOne({ _id: 'p', 'holds.call': 'a' }, settle);
      const second = await purses.updateOne({ _id: 'p', 'holds.call': 'a' }, settle);
      expect([first.modifiedCount, second.modifiedCount]).toEqual([1, 0]);
      expect(await purses.findOne({ _id: 'p' })).toEqual({ _id: 'p', spent: 3, holds: [] });
    });
  });

  it('changes one element of a list by filter and by position', async () => {
    const plans = store.collection<{ _id: string; tasks: Array<{ id: string; done: boolean }> }>();
    await plans.insertOne({ _id: 'p', tasks: ['a', 'b', 'c'].map((id) => ({ id, done: false })) });
    await plans.updateOne(
      { _id: 'p' },
      { $set: { 'tasks.$[task].done': true } },
      { arrayFilters: [{ 'task.id': 'b' }] },
    );
    await plans.updateOne({ _id: 'p', 'tasks.id': 'c' }, { $set: { 'tasks.$.done': true } });
    expect((await plans.findOne())?.tasks.map(({ done }) => done)).toEqual([false, true, true]);
  });
});
