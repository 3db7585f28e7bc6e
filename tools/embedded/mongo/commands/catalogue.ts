import { MongoError } from '../semantics/errors.ts';
import { compileFilter } from '../semantics/match/compile.ts';
import { Binary, Doc, Int32, type Value } from '../semantics/value.ts';
import type { CollectionDefinition } from '../storage/types.ts';
import { counted } from './aggregate.ts';
import type { Call, Command, Reply, Services } from './call.ts';
import { countAt, documentsOf, flagAt, missing, objectAt } from './fields.ts';
import { namespaceOf } from './namespace.ts';
import { firstBatch, ListRows } from './reading.ts';

/** `undefined` when somebody else did the same in this moment, which is then on disk too. */
async function unlessDone<T>(work: Promise<T>, code: number): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof MongoError && error.code === code) return undefined;
    throw error;
  }
}

const NAMESPACE_NOT_FOUND = 26;
const NAMESPACE_EXISTS = 48;

async function create(call: Call, { store }: Services): Promise<Reply> {
  const ns = namespaceOf(call);
  // Since 7.0 creating what is there with the same options is no error, and there are no options.
  if (!store.collection(ns)) await unlessDone(store.createCollection(ns, new Doc()), NAMESPACE_EXISTS);
  return {};
}

async function drop(call: Call, { store, cursors }: Services): Promise<Reply> {
  const ns = namespaceOf(call);
  // Since 7.0 dropping what is not there is no error.
  if (!store.collection(ns)) return {};
  const indexes = await unlessDone(store.dropCollection(ns), NAMESPACE_NOT_FOUND);
  if (indexes === undefined) return {};
  cursors.endOfCollection(ns);
  return { nIndexesWas: new Int32(indexes), ns };
}

async function dropDatabase({ db }: Call, { store, cursors }: Services): Promise<Reply> {
  if (!store.databases().includes(db)) return {};
  await store.dropDatabase(db);
  cursors.endOfDatabase(db);
  return { dropped: db };
}

async function createIndexes(call: Call, { store }: Services): Promise<Reply> {
  const specs = documentsOf(call, 'indexes');
  if (specs.length === 0) throw new MongoError(2, 'Must specify at least one index to create');
  const made = await store.createIndexes(namespaceOf(call), specs);
  const counts = { numIndexesBefore: new Int32(made.before), numIndexesAfter: new Int32(made.after) };
  if (made.before === made.after) return { ...counts, note: 'all indexes already exist' };
  return { ...counts, createdCollectionAutomatically: made.createdCollection };
}

async function dropIndexes(call: Call, { store }: Services): Promise<Reply> {
  const which = call.command.get('index');
  if (which === undefined) throw missing('dropIndexes', 'index');
  return { nIndexesWas: new Int32(await store.dropIndexes(namespaceOf(call), which)) };
}

const cursorSize = (command: Doc): number | undefined => countAt(objectAt(command, 'cursor'), 'batchSize');

function listIndexes(call: Call, services: Services): Promise<Reply> {
  const ns = namespaceOf(call);
  const collection = services.store.collection(ns);
  if (!collection) throw new MongoError(26, `ns does not exist: ${ns}`);
  const rows = new ListRows(collection.indexes.filter(({ ready }) => ready).map(({ spec }) => spec));
  return firstBatch(call, services, { namespace: ns, rows, batchSize: cursorSize(call.command) });
}

const ID_INDEX = Doc.of({ v: new Int32(2), key: Doc.of({ _id: new Int32(1) }), name: '_id_' });

const described = ({ ns, options, uuid }: CollectionDefinition): Doc =>
  Doc.of({
    name: ns.slice(ns.indexOf('.') + 1),
    type: 'collection',
    options,
    info: Doc.of({ readOnly: false, uuid: new Binary(4, uuid) }),
    idIndex: ID_INDEX,
  });

const nameAndType = (doc: Doc): Doc => new Doc([...doc].filter(([name]) => name === 'name' || name === 'type'));

function listCollections(call: Call, services: Services): Promise<Reply> {
  const { command, db } = call;
  const { matches } = compileFilter(objectAt(command, 'filter'), { now: services.clock.date() });
  const found = services.store
    .collections(db)
    .map(described)
    .filter((doc) => matches(doc));
  const rows = new ListRows(flagAt(command, 'nameOnly') ? found.map(nameAndType) : found);
  const namespace = `${db}.$cmd.listCollections`;
  return firstBatch(call, services, { namespace, rows, batchSize: cursorSize(command) });
}

const sizeOf = ({ store }: Services, db: string): { count: number; bytes: number; indexes: number } =>
  store.collections(db).reduce(
    (total, { ns, indexes }) => {
      const { count, bytes } = store.stats(ns);
      return { count: total.count + count, bytes: total.bytes + bytes, indexes: total.indexes + indexes.length };
    },
    { count: 0, bytes: 0, indexes: 0 },
  );

function listDatabases({ command, db }: Call, services: Services): Reply {
  if (db !== 'admin') throw new MongoError(13, 'listDatabases may only be run against the admin database.');
  const { matches } = compileFilter(objectAt(command, 'filter'), { now: services.clock.date() });
  const all = services.store.databases().map((name) => {
    const { bytes } = sizeOf(services, name);
    return Doc.of({ name, sizeOnDisk: BigInt(bytes), empty: bytes === 0 });
  });
  const found = all.filter((doc) => matches(doc));
  if (flagAt(command, 'nameOnly')) return { databases: found.map((doc) => new Doc([['name', doc.get('name')!]])) };
  const totalSize = found.reduce((total, doc) => total + (doc.get('sizeOnDisk') as bigint), 0n);
  return { databases: found, totalSize, totalSizeMb: totalSize / 1_048_576n };
}

const size = (bytes: number): Value => counted(bytes);

function collStats(call: Call, { store }: Services): Reply {
  const ns = namespaceOf(call);
  const collection = store.collection(ns);
  const { count, bytes } = collection ? store.stats(ns) : { count: 0, bytes: 0 };
  const average: Reply = count > 0 ? { avgObjSize: new Int32(Math.floor(bytes / count)) } : {};
  const nindexes = new Int32(collection?.indexes.length ?? 0);
  return {
    ns,
    size: size(bytes),
    count: counted(count),
    ...average,
    nindexes,
    capped: false,
    scaleFactor: new Int32(1),
  };
}

function dbStats({ db }: Call, services: Services): Reply {
  const { count, bytes, indexes } = sizeOf(services, db);
  const collections = BigInt(services.store.collections(db).length);
  const average = count > 0 ? bytes / count : 0;
  return {
    db,
    collections,
    views: 0n,
    objects: BigInt(count),
    avgObjSize: average,
    dataSize: bytes,
    indexes: BigInt(indexes),
    scaleFactor: 1n,
  };
}

const CREATE_FIELDS: Command['fields'] = Object.fromEntries(
  `capped size max timeseries expireAfterSeconds clusteredIndex changeStreamPreAndPostImages validator validationLevel
  validationAction indexOptionDefaults viewOn pipeline collation storageEngine idIndex encryptedFields autoIndexId`
    .split(/\s+/)
    .map((name) => [name, 'unset' as const]),
);

export const CATALOGUE_COMMANDS: Readonly<Record<string, Command>> = {
  create: { fields: CREATE_FIELDS, run: create, writes: true },
  drop: { fields: {}, run: drop, writes: true },
  dropDatabase: { fields: {}, run: dropDatabase, writes: true },
  createIndexes: { fields: { indexes: 'list', commitQuorum: 'any' }, run: createIndexes, writes: true },
  dropIndexes: { fields: { index: 'any' }, run: dropIndexes, writes: true },
  listIndexes: { fields: { cursor: 'object' }, run: listIndexes },
  listCollections: {
    fields: { filter: 'object', nameOnly: 'flag', authorizedCollections: 'flag', cursor: 'object' },
    run: listCollections,
  },
  listDatabases: { fields: { filter: 'object', nameOnly: 'flag', authorizedDatabases: 'flag' }, run: listDatabases },
  collStats: { fields: { scale: 'unset' }, run: collStats },
  dbStats: { fields: { scale: 'unset', freeStorage: 'unset' }, run: dbStats },
};
