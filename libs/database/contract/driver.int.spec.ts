import { connect, createServer, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { Binary, Decimal128, Double, Int32, Long, MongoBulkWriteError, ObjectId, type Collection, UUID } from 'mongodb';
import { codeOf, ContractStore, CROWD } from './contract-store.js';

describe('a store behind the official driver', () => {
  let store: ContractStore;
  beforeAll(() => (store = new ContractStore()));
  afterAll(() => store.dispose());

  it('gives back every type as it came', async () => {
    const things = store.collection();
    const thing = {
      _id: new ObjectId(),
      int: new Int32(1),
      long: Long.fromString('9007199254740993'),
      double: new Double(1),
      decimal: Decimal128.fromString('0.10'),
      date: new Date(-1),
      uuid: new UUID(),
      bytes: new Binary(Buffer.from([0, 255])),
      none: null,
      text: 'a\u0000ü𝄞',
      nested: { b: [new Double(1.5), { a: true }], a: 'order is kept' },
      pattern: /^a.c/i,
    };
    await things.insertOne(thing);
    const found = await things.findOne({}, { promoteValues: false, bsonRegExp: false });
    expect(found).toEqual(thing);
    expect(Object.keys((found as typeof thing).nested)).toEqual(['b', 'a']);
  });

  it('pages through a cursor, and closes one that is left', async () => {
    const things = store.collection<{ _id: number }>();
    await things.insertMany(Array.from({ length: 500 }, (_, _id) => ({ _id })));
    const all = await things.find({}, { batchSize: 7 }).sort({ _id: -1 }).toArray();
    expect(all.map(({ _id }) => _id)).toEqual(Array.from({ length: 500 }, (_, i) => 499 - i));
    const left = things.find({}, { batchSize: 2 });
    expect(await left.next()).toEqual({ _id: 0 });
    await left.close();
    expect(left.killed).toBe(true);
    expect(await things.find().skip(490).limit(100).toArray()).toHaveLength(10);
  });

  it('does the rest of an unordered batch, and stops an ordered one', async () => {
    const things = store.collection<{ _id: number }>();
    const write = async (ordered: boolean): Promise<MongoBulkWriteError> => {
      const operations = [1, 1, 2].map((_id) => ({ insertOne: { document: { _id: ordered ? _id : _id + 10 } } }));
      const failed = await things.bulkWrite(operations, { ordered }).catch((error: unknown) => error);
      return failed as MongoBulkWriteError;
    };
    expect(await write(true)).toMatchObject({ code: 11_000, insertedCount: 1 });
    expect(await write(false)).toMatchObject({ code: 11_000, insertedCount: 2 });
    expect(await things.distinct('_id')).toEqual([1, 11, 12]);
  });

  it('mixes operations in one batch', async () => {
    const things = store.collection<{ _id: number; a?: number }>();
    const result = await things.bulkWrite([
      { insertOne: { document: { _id: 1 } } },
      { updateOne: { filter: { _id: 2 }, update: { $set: { a: 2 } }, upsert: true } },
      { updateMany: { filter: {}, update: { $inc: { a: 1 } } } },
      { replaceOne: { filter: { _id: 1 }, replacement: { a: 9 } } },
      { deleteOne: { filter: { _id: 2 } } },
    ]);
    expect(result).toMatchObject({ insertedCount: 1, upsertedCount: 1, matchedCount: 3, deletedCount: 1 });
    expect(await things.find().toArray()).toEqual([{ _id: 1, a: 9 }]);
  });

  it('counts, groups, joins and takes apart', async () => {
    const sales = store.collection<{ _id: number; user: string; items: number[] }>();
    const users = store.collection<{ _id: string; name: string }>();
    await users.insertMany([{ _id: 'u', name: 'Ada' }]);
    await sales.insertMany([
      { _id: 1, user: 'u', items: [1, 2] },
      { _id: 2, user: 'u', items: [3] },
      { _id: 3, user: 'x', items: [] },
    ]);
    const sums = await sales
      .aggregate([
        { $match: { _id: { $lte: 3 } } },
        { $unwind: '$items' },
        { $group: { _id: '$user', sum: { $sum: '$items' }, count: { $sum: 1 }, most: { $max: '$items' } } },
        { $lookup: { from: users.collectionName, localField: '_id', foreignField: '_id', as: 'user' } },
        { $sort: { _id: 1 } },
      ])
      .toArray();
    expect(sums).toEqual([{ _id: 'u', sum: 6, count: 3, most: 3, user: [{ _id: 'u', name: 'Ada' }] }]);
    const facets = [{ $facet: { all: [{ $count: 'n' }], first: [{ $sort: { _id: 1 } }, { $limit: 1 }] } }];
    expect(await sales.aggregate(facets).toArray()).toMatchObject([{ all: [{ n: 3 }], first: [{ _id: 1 }] }]);
  });

  it('lists, makes and drops indexes', async () => {
    const things = store.collection();
    await things.createIndexes([
      { key: { at: 1 }, expireAfterSeconds: 3_600, name: 'ttl' },
      { key: { a: 1, b: -1 }, unique: true, sparse: true },
    ]);
    await things.insertOne({ at: new Date() });
    expect((await things.indexes()).map(({ name }) => name)).toEqual(['_id_', 'ttl', 'a_1_b_-1']);
    await expect(things.createIndex({ at: 1 }, { expireAfterSeconds: 60 })).rejects.toMatchObject({ code: 85 });
    await things.dropIndex('ttl');
    expect(await things.indexExists('ttl')).toBe(false);
  });

  it('explains that a sorted page came from the index', async () => {
    const things = store.collection<{ user: string; at: number }>();
    await things.createIndex({ user: 1, at: -1 });
    await things.insertMany(CROWD.map((at) => ({ user: at % 2 ? 'odd' : 'even', at })));
    const page = things.find({ user: 'odd' }).sort({ at: -1 }).limit(3);
    const { executionStats } = await page.clone().explain('executionStats');
    expect(executionStats).toMatchObject({ nReturned: 3, totalDocsExamined: 3 });
    expect((await page.toArray()).map(({ at }) => at)).toEqual([19, 17, 15]);
  });

  it('lets a session read what it wrote', async () => {
    const things = store.collection<{ _id: number }>();
    const found = await store.session(async (session) => {
      await things.insertOne({ _id: 1 }, { session });
      return things.findOne({ _id: 1 }, { session, readConcern: { level: 'majority' } });
    });
    expect(found).toEqual({ _id: 1 });
  });

  it('refuses a document over 16 MB and goes on', async () => {
    const things = store.collection<{ text: string }>();
    await expect(things.insertOne({ text: 'x'.repeat(16 * 1_024 * 1_024) })).rejects.toMatchObject({ code: 10_334 });
    await things.insertOne({ text: 'x'.repeat(15 * 1_024 * 1_024) });
    expect(await things.countDocuments()).toBe(1);
  });

  it('refuses by name what only a real MongoDB can do', async () => {
    const things = store.collection();
    const refusal = (await store.isEmbedded()) ? 238 : undefined;
    const outcomes = await Promise.all([
      codeOf(store.transaction((session) => things.insertOne({ a: 1 }, { session }))),
      codeOf(things.watch().tryNext()),
      codeOf(things.find({ $where: 'true' }).toArray()),
    ]);
    expect(outcomes).toEqual([refusal, refusal, refusal]);
  });
});

/** Hands bytes on, and cuts the connection instead of the next answer when told so. */
class CuttingProxy {
  cutsNext = false;
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();

  constructor(target: URL) {
    this.server = createServer((client) => {
      const upstream = connect(Number(target.port), target.hostname);
      for (const socket of [client, upstream]) {
        this.sockets.add(socket);
        socket.on('error', () => socket.destroy()).on('close', () => [client, upstream].forEach((s) => s.destroy()));
      }
      client.on('data', (bytes) => upstream.write(bytes));
      upstream.on('data', (bytes) => {
        if (!this.cutsNext || !bytes.includes('nModified')) return client.write(bytes);
        this.cutsNext = false;
        return client.destroy();
      });
    });
  }

  async uri(original: string): Promise<string> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    const uri = new URL(original);
    uri.host = `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
    uri.searchParams.set('directConnection', 'true');
    return uri.href;
  }

  close(): void {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
  }
}

describe('an answer that is lost', () => {
  let store: ContractStore;
  let proxy: CuttingProxy;
  let things: Collection<{ _id: number; n: number }>;

  beforeAll(async () => {
    store = new ContractStore();
    proxy = new CuttingProxy(new URL(store.uri));
    const client = store.connect({ maxPoolSize: 1 }, await proxy.uri(store.uri));
    things = client.db(store.name).collection('lost');
    await things.insertOne({ _id: 1, n: 0 });
  });
  afterAll(async () => {
    await store.dispose();
    proxy.close();
  });

  it('is asked for again by the driver, and nothing is counted twice', async () => {
    for (const n of [1, 2, 3]) {
      proxy.cutsNext = true;
      expect(await things.updateOne({ _id: 1 }, { $inc: { n: 1 } })).toMatchObject({ modifiedCount: 1 });
      expect(proxy.cutsNext).toBe(false);
      expect(await things.findOne({ _id: 1 })).toEqual({ _id: 1, n });
    }
  });
});
