import { MongoClient, type Collection, type Db, type Document } from 'mongodb';
import type { BenchOptions } from '../options.js';
import { middle, rateOf, type Rate } from './rate.js';
import type { Store } from './store-process.js';

export interface MongoFigures {
  readonly name: string;
  readonly rates: Readonly<Record<string, Rate>>;
  readonly loadedPerSecond: number;
}

interface Journal {
  _id: number;
  epoch: number;
  seq: number;
  entries: string[];
}

/** As the repositories write: acknowledged by the majority and on disk. */
const DURABLE = { w: 'majority', j: true } as const;
const IN_FLIGHT = 20;
/** So many that none of them grows beyond a few kilobytes within a round. */
const JOURNALS = 2_000;
const ENTRY = 'e'.repeat(150);
const OWNERS = 5_000;
const BATCH = 1_000;

type Act = (turn: number) => Promise<unknown>;

interface Task {
  readonly inFlight: number;
  readonly prepare: (db: Db) => Promise<Act>;
}

const journals = (documents: number, bytes: number) => async (db: Db) => {
  const runs = await empty<Journal>(db, `journals${bytes}`);
  const entries = Array.from({ length: Math.ceil(bytes / ENTRY.length) }, () => ENTRY);
  const whole = Array.from({ length: documents }, (_, _id) => ({ _id, epoch: 1, seq: 0, entries }));
  for (const run of whole) await runs.insertOne(run);
  const seqs = whole.map(() => 0);
  const turns = whole.map(() => Promise.resolve());
  return async (turn: number): Promise<void> => {
    const _id = turn % documents;
    const append = async (): Promise<void> => {
      const seq = seqs[_id]!++;
      const { modifiedCount } = await runs.updateOne(
        { _id, epoch: 1, seq },
        { $push: { entries: ENTRY }, $set: { seq: seq + 1, state: 'running' } },
        { writeConcern: DURABLE },
      );
      if (modifiedCount !== 1) throw new Error('A guarded append missed.');
    };
    turns[_id] = turns[_id]!.then(append);
    return turns[_id];
  };
};

const TASKS: Record<string, Task> = {
  'insertOne, one after the other': { inFlight: 1, prepare: inserting },
  'insertOne, 20 in flight': { inFlight: IN_FLIGHT, prepare: inserting },
  'findOne by unique index, 20 in flight': { inFlight: IN_FLIGHT, prepare: findingOne },
  'guarded append to 4 KB, 20 in flight': { inFlight: IN_FLIGHT, prepare: journals(JOURNALS, 4_096) },
  'guarded append to 256 KB, one after the other': { inFlight: 1, prepare: journals(20, 262_144) },
};
const SEARCH = 'find, sort, limit 20 of all, one after the other';

async function empty<T extends Document = Document>(db: Db, name: string): Promise<Collection<T>> {
  const collection = db.collection<T>(name);
  await collection.drop().catch(() => undefined); // it may not exist
  return collection;
}

async function inserting(db: Db): Promise<Act> {
  const collection = await empty(db, 'inserted');
  await collection.createIndex({ user: 1, at: -1 });
  return (turn) =>
    collection.insertOne({ user: turn % OWNERS, at: new Date(), text: ENTRY }, { writeConcern: DURABLE });
}

async function findingOne(db: Db): Promise<Act> {
  const collection = await empty(db, 'unique');
  await collection.createIndex({ key: 1 }, { unique: true });
  await collection.insertMany(Array.from({ length: 20_000 }, (_, i) => ({ key: `key-${i}`, text: ENTRY })));
  return async (turn) => {
    if (!(await collection.findOne({ key: `key-${(turn * 7_919) % 20_000}` }))) throw new Error('Not found.');
  };
}

/** A kilobyte each, so that a million make a gigabyte. */
async function fill(db: Db, documents: number): Promise<number> {
  const collection = await empty(db, 'many');
  await collection.createIndex({ user: 1, at: -1 });
  const text = 't'.repeat(900);
  const started = performance.now();
  for (let first = 0; first < documents; first += BATCH) {
    const batch = Array.from({ length: Math.min(BATCH, documents - first) }, (_, i) => ({
      user: (first + i) % OWNERS,
      at: new Date(first + i),
      text,
    }));
    await collection.insertMany(batch, { ordered: false });
  }
  return documents / ((performance.now() - started) / 1_000);
}

const searching = (db: Db): Act => {
  const collection = db.collection('many');
  return async (turn) => {
    const user = (turn * 7_919) % OWNERS;
    const found = await collection.find({ user }).sort({ at: -1 }).limit(20).toArray();
    if (found.length !== 20) throw new Error(`Found ${found.length}.`);
  };
};

/** All tasks on all servers, round by round, so that what slows a round slows every server. */
export async function measureMongo(stores: readonly Store[], options: BenchOptions): Promise<MongoFigures[]> {
  const clients = await Promise.all(stores.map(({ uri }) => MongoClient.connect(uri, { maxPoolSize: IN_FLIGHT })));
  try {
    const dbs = clients.map((client) => client.db('flowmate_bench'));
    const figures = stores.map(({ name }) => ({ name, rates: {} as Record<string, Rate>, loadedPerSecond: 0 }));
    const run = async (task: string, inFlight: number, acts: Act[]): Promise<void> => {
      const rounds = acts.map((): Rate[] => []);
      for (let round = 0; round < options.rounds; round += 1)
        for (const [i, act] of acts.entries()) rounds[i]!.push(await rateOf({ ...options, inFlight }, counting(act)));
      for (const [i, own] of rounds.entries()) figures[i]!.rates[task] = middle(own);
    };
    for (const [task, { inFlight, prepare }] of Object.entries(TASKS))
      await run(task, inFlight, await Promise.all(dbs.map((db) => prepare(db))));
    for (const [i, db] of dbs.entries()) figures[i]!.loadedPerSecond = await fill(db, options.documents);
    await run(SEARCH, 1, dbs.map(searching));
    return figures;
  } finally {
    await Promise.all(clients.map((client) => client.close()));
  }
}

/** Turns go on over the rounds: no append is ever the same again. */
function counting(act: Act): Act {
  const turns = turnsOf.get(act) ?? { next: 0 };
  turnsOf.set(act, turns);
  return () => act(turns.next++);
}
const turnsOf = new WeakMap<Act, { next: number }>();

export const TASK_NAMES = [...Object.keys(TASKS), SEARCH];
