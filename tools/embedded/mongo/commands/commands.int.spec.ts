import { MongoClient, type Collection, type Db, type Document } from 'mongodb';
import { Binary, Doc, Int32, type Value } from '../semantics/value.ts';
import { PASSWORD, startServer, type EmbeddedServer } from '../server/testing/embedded-server.ts';
import { message, WireClient } from '../server/testing/wire-client.ts';

const one = new Int32(1);

describe('commands of the embedded MongoDB', () => {
  let server: EmbeddedServer;
  let client: WireClient;
  let driver: MongoClient;
  let db: Db;
  let names = 0;

  beforeAll(async () => {
    server = await startServer();
    client = await WireClient.loggedIn(server.port, PASSWORD);
    driver = new MongoClient(server.uri);
    await driver.connect();
    db = driver.db('commands');
  });
  afterAll(async () => {
    client.close();
    await driver.close();
    await server.stop();
  });

  const fresh = (): Collection<Document> => db.collection(`c${names++}`);
  const code = async (command: Record<string, Value>): Promise<number> => {
    const value = (await client.ask(command)).get('code');
    return value instanceof Int32 ? value.value : 0;
  };

  describe('are strict', () => {
    it.each<[string, Record<string, Value>, number]>([
      ['an unknown field', { find: 'c', nope: true }, 40415],
      [
        'an unknown field of an update',
        { update: 'c', updates: [Doc.of({ q: new Doc(), u: new Doc(), x: one })] },
        40415,
      ],
      ['a field of a wrong type', { find: 'c', filter: 'x' }, 14],
      ['a missing field', { update: 'c' }, 40414],
      ['a missing part of an update', { update: 'c', updates: [Doc.of({ q: new Doc() })] }, 40414],
      ['a collection without name', { find: '' }, 73],
      ['a collection named by a number', { find: one }, 73],
      ['a database with a dot', { find: 'c', $db: 'a.b' }, 73],
      ['a collection with a dollar', { create: 'a$b' }, 73],
      ['a command nobody knows', { nope: one }, 59],
      ['a command without name', {}, 59],
      ['a command MongoDB knows', { mapReduce: 'c' }, 238],
      ['a collation', { find: 'c', collation: Doc.of({ locale: 'de' }) }, 238],
      ['a tailable cursor', { find: 'c', tailable: true }, 238],
      ['variables', { find: 'c', let: Doc.of({ a: one }) }, 238],
      ['a validator', { create: 'v', validator: Doc.of({ a: one }) }, 238],
      ['a capped collection', { create: 'v', capped: true, size: one }, 238],
      ['bypassing validation', { insert: 'c', documents: [new Doc()], bypassDocumentValidation: true }, 238],
      ['readConcern linearizable', { find: 'c', readConcern: Doc.of({ level: 'linearizable' }) }, 238],
      ['a sort by $natural and more', { find: 'c', sort: Doc.of({ $natural: one, a: one }) }, 2],
      ['a write concern of a read', { find: 'c', writeConcern: Doc.of({ w: one }) }, 72],
      ['a journal that is no flag', { insert: 'c', documents: [new Doc()], writeConcern: Doc.of({ j: 'x' }) }, 14],
      ['an unknown read preference', { find: 'c', $readPreference: Doc.of({ mode: 'x' }) }, 9],
      ['a fraction of a millisecond', { find: 'c', maxTimeMS: 1.5 }, 2],
      ['more in a session', { find: 'c', lsid: Doc.of({ id: new Binary(4, Buffer.alloc(16)), x: one }) }, 40415],
      ['readConcern nonsense', { find: 'c', readConcern: Doc.of({ level: 'x' }) }, 9],
      ['a negative w', { insert: 'c', documents: [new Doc()], writeConcern: Doc.of({ w: new Int32(-1) }) }, 9],
      ['an apiVersion of the future', { find: 'c', apiVersion: '2' }, 322],
      ['an aggregate of a database', { aggregate: one, pipeline: [], cursor: new Doc() }, 238],
      ['an aggregate without cursor', { aggregate: 'c', pipeline: [] }, 9],
      ['maxTimeMS on getMore', { getMore: 1n, collection: 'c', maxTimeMS: one }, 2],
      ['an awaited hello', { hello: one, topologyVersion: new Doc(), maxAwaitTimeMS: one }, 238],
      ['a parameter', { getParameter: one, logLevel: one }, 238],
      ['no statements', { delete: 'c', deletes: [] }, 16],
    ])('%s is refused', async (_case, command, expected) => {
      expect(await code(command)).toBe(expected);
    });

    it('bad queries are refused also where there is no collection', async () => {
      const bad = Doc.of({ $bad: one });
      expect(await code({ find: 'missing', filter: bad })).toBe(2);
      expect(await code({ count: 'missing', query: bad })).toBe(2);
      expect(await code({ distinct: 'missing', key: 'a', query: bad })).toBe(2);
      expect(await code({ findAndModify: 'missing', query: bad, remove: true })).toBe(2);
    });

    it('accept what means nothing here: comment, readConcern majority, harmless options', async () => {
      const harmless = { comment: 'x', collation: Doc.of({ locale: 'simple' }), tailable: false, let: new Doc() };
      const later = Doc.of({
        level: 'majority',
        afterClusterTime: (await client.ask({ ping: one })).get('operationTime')!,
      });
      expect(await code({ find: 'c', ...harmless, readConcern: later })).toBe(0);
    });

    it('a transaction is refused and says why', async () => {
      const session = driver.startSession();
      try {
        const inTransaction = session.withTransaction(() => fresh().insertOne({ a: 1 }, { session }));
        await expect(inTransaction).rejects.toMatchObject({ code: 238, message: expect.stringContaining('atomic') });
      } finally {
        await session.endSession();
      }
    });
  });

  describe('write', () => {
    it('puts a generated _id first and fills an empty timestamp', async () => {
      const { collectionName } = fresh();
      const sent = Doc.of({ insert: collectionName, documents: [Doc.of({ a: one })], $db: 'commands' });
      expect((await client.ask(sent)).get('n')).toEqual(one);
      const [stored] = await db.collection(collectionName).find().toArray();
      expect(Object.keys(stored!)).toEqual(['_id', 'a']);
    });

    it('goes on after an error only when unordered', async () => {
      const documents = (): Document[] => [{ _id: 1 }, { _id: 1 }, { _id: 2 }] as Document[];
      const ordered = fresh();
      await expect(ordered.insertMany(documents())).rejects.toMatchObject({
        code: 11000,
        result: { insertedCount: 1 },
      });
      const unordered = fresh();
      const failed = unordered.insertMany(documents(), { ordered: false });
      await expect(failed).rejects.toMatchObject({ code: 11000, result: { insertedCount: 2 } });
    });

    it('mixes kinds in bulkWrite and reports what each did', async () => {
      const collection = fresh();
      const result = await collection.bulkWrite([
        { insertOne: { document: { k: 1 } } },
        { updateOne: { filter: { k: 1 }, update: { $inc: { n: 1 } } } },
        { updateOne: { filter: { k: 2 }, update: { $set: { n: 1 } }, upsert: true } },
        { updateMany: { filter: {}, update: { $set: { seen: true } } } },
        { deleteOne: { filter: { k: 1 } } },
      ]);
      expect(result).toMatchObject({
        insertedCount: 1,
        matchedCount: 3,
        modifiedCount: 3,
        upsertedCount: 1,
        deletedCount: 1,
      });
    });

    it('changes thousands without keeping others waiting', async () => {
      const collection = fresh();
      const documents = Array.from({ length: 20_000 }, (_, n) => ({ n }));
      await collection.insertMany(documents);
      const running = collection.updateMany({}, { $inc: { n: 1 } });
      const settled = new AbortController();
      void running.finally(() => settled.abort());
      let slowest = 0;
      while (!settled.signal.aborted) {
        const started = performance.now();
        await client.ask({ ping: one });
        slowest = Math.max(slowest, performance.now() - started);
      }
      expect(await running).toMatchObject({ matchedCount: 20_000, modifiedCount: 20_000 });
      // Slices end after 10 ms; the rest is room for a busy machine.
      expect(slowest).toBeLessThan(250);
      expect(await collection.deleteMany({})).toMatchObject({ deletedCount: 20_000 });
    }, 30_000);

    it('takes writes nobody waits for, in the order they were sent', async () => {
      const insert = Doc.of({
        insert: 'silent',
        documents: [Doc.of({ a: one })],
        writeConcern: Doc.of({ w: new Int32(0) }),
      });
      client.socket.write(message(insert.set('$db', 'test'), { flags: 2 }));
      expect((await client.ask({ count: 'silent' })).get('n')).toEqual(one);
    });

    it('does the write and tells when more nodes were wanted than there are', async () => {
      const writeConcern = Doc.of({ w: new Int32(3) });
      const reply = await client.ask({ insert: 'w3', documents: [new Doc()], writeConcern });
      expect(reply.get('n')).toEqual(one);
      expect((reply.get('writeConcernError') as Doc).get('code')).toEqual(new Int32(100));
    });

    it('refuses a number older than the last of its session', async () => {
      const lsid = Doc.of({ id: new Binary(4, Buffer.alloc(16, 7)) });
      const insert = (txnNumber: bigint) => client.ask({ insert: 'old', documents: [new Doc()], lsid, txnNumber });
      expect((await insert(5n)).get('n')).toEqual(one);
      expect((await insert(4n)).get('code')).toEqual(new Int32(225));
      expect((await client.ask({ count: 'old' })).get('n')).toEqual(one);
    });
  });

  describe('read', () => {
    const pages = async (): Promise<Collection<Document>> => {
      const collection = fresh();
      await collection.insertMany(Array.from({ length: 25 }, (_, n) => ({ _id: n }) as Document));
      return collection;
    };

    it('in batches as asked, to the end', async () => {
      const collection = await pages();
      const found = await collection.find().sort({ _id: 1 }).batchSize(4).toArray();
      expect(found.map(({ _id }) => _id as unknown)).toEqual(Array.from({ length: 25 }, (_, n) => n));
      expect(await collection.aggregate([{ $sort: { _id: -1 } }], { batchSize: 3 }).toArray()).toHaveLength(25);
    });

    it('by $natural in the order of insertion or against it', async () => {
      const collection = fresh();
      await collection.insertMany([{ _id: 2 }, { _id: 1 }, { _id: 3 }] as Document[]);
      const order = async (natural: 1 | -1): Promise<unknown[]> =>
        (await collection.find().sort({ $natural: natural }).toArray()).map(({ _id }) => _id as unknown);
      expect([await order(1), await order(-1)]).toEqual([
        [2, 1, 3],
        [3, 1, 2],
      ]);
    });

    it('until a cursor is killed, by itself or with its session', async () => {
      const { collectionName: find } = await pages();
      const $db = 'commands';
      const lsid = Doc.of({ id: new Binary(4, Buffer.alloc(16, 9)) });
      const open = async (more: Record<string, Value> = {}): Promise<bigint> => {
        const reply = await client.ask({ find, batchSize: one, $db, ...more });
        return (reply.get('cursor') as Doc).get('id') as bigint;
      };
      const [killed, ended] = [await open(), await open({ lsid })];
      expect((await client.ask({ killCursors: find, cursors: [killed], $db })).get('cursorsKilled')).toEqual([killed]);
      expect(await code({ getMore: killed, collection: find, $db })).toBe(43);
      expect(await code({ getMore: ended, collection: find, $db })).toBe(13);
      await client.ask({ endSessions: [lsid], $db: 'admin' });
      expect(await code({ getMore: ended, collection: find, $db, lsid })).toBe(43);
    });

    it('end with their collection', async () => {
      const collection = await pages();
      const cursor = collection.find().batchSize(2);
      await cursor.next();
      await collection.drop();
      await expect(cursor.toArray()).rejects.toMatchObject({ code: 43 });
    });

    it('give up after maxTimeMS', async () => {
      const collection = fresh();
      await collection.insertMany(Array.from({ length: 20_000 }, (_, n) => ({ n, text: 'x'.repeat(200) })));
      const slow = collection.find({ text: { $regex: 'y.*z' }, n: { $gte: 0 } }, { maxTimeMS: 1 }).toArray();
      await expect(slow).rejects.toMatchObject({ code: 50, codeName: 'MaxTimeMSExpired' });
    }, 20_000);

    it('explain which index they use', async () => {
      const collection = await pages();
      const plan = await collection.find({ _id: { $gte: 3 } } as Document).explain('executionStats');
      expect(JSON.stringify(plan['queryPlanner'])).toContain('_id_');
      expect(plan['executionStats']).toBeDefined();
    });
  });

  it('create and drop may be repeated', async () => {
    const { collectionName: name } = fresh();
    for (const command of ['create', 'create', 'drop', 'drop'])
      expect((await client.ask({ [command]: name })).get('ok')).toBe(1);
  });

  it('list what there is', async () => {
    const one = driver.db('listed');
    await one.collection('a').insertOne({ x: 1 });
    await one.collection('b').createIndex({ x: 1 }, { unique: true });
    expect((await one.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name).sort()).toEqual([
      'a',
      'b',
    ]);
    expect(await one.collection('b').indexes()).toMatchObject([{ name: '_id_' }, { name: 'x_1', unique: true }]);
    const { databases } = await driver.db().admin().listDatabases();
    expect(databases.map(({ name }) => name)).toContain('listed');
    expect(await one.dropDatabase()).toBe(true);
    expect(await one.listCollections().toArray()).toEqual([]);
  });
});
