import { setImmediate as turn } from 'node:timers/promises';
import { decode, Doc, MongoError, type Value } from '../semantics/index.ts';
import { CatalogueWriter, createTables, documentsTable } from './catalogue.ts';
import { Connection } from './connection.ts';
import { explanation } from './explain.ts';
import { checkFormat, dataFile, lockFolder, type FolderLock } from './folder.ts';
import { Group } from './group.ts';
import { IndexAdmin } from './index-admin.ts';
import { countAll, openJob, type Request } from './jobs.ts';
import { Reader } from './reader.ts';
import { HandedOver, LocalRows } from './rows.ts';
import { Source, type View } from './source.ts';
import { expire } from './ttl.ts';
import { StoreTx } from './tx.ts';
import type {
  AggregateQuery,
  CollectionDefinition,
  CollectionStats,
  CreatedIndexes,
  DistinctQuery,
  Query,
  Rows,
  Selection,
  Store,
  StoreOptions,
  StoredRecord,
  Tx,
} from './types.ts';
import { RecordWriter } from './writer.ts';

/** MongoDB's TTL monitor runs as often. */
const TTL_INTERVAL_MS = 60_000;
/** How long one read keeps this thread. */
const SLICE_MS = 10;
const SLICE_RECORDS = 1_000;
const ONE = { documents: 1, bytes: 1 };

class SqliteStore implements Store {
  private readonly lock: FolderLock;
  private readonly connection: Connection;
  private readonly view: View;
  private readonly catalogue: CatalogueWriter;
  private readonly group: Group;
  private readonly tx: StoreTx;
  private readonly admin: IndexAdmin;
  private readonly now: () => number;
  private readonly onScan: NonNullable<StoreOptions['onScan']>;
  private readonly reader: Reader | undefined;
  private readonly ttl: NodeJS.Timeout;

  constructor(options: StoreOptions) {
    this.now = options.now ?? Date.now;
    this.onScan = options.onScan ?? ((): void => undefined);
    this.lock = lockFolder(options.folder);
    const file = dataFile(options.folder);
    this.connection = openWriter(file, options.folder, this.lock);
    const { connection, now } = this;
    this.catalogue = new CatalogueWriter(connection);
    this.group = new Group(connection, this.catalogue);
    this.view = { connection: new Connection(file, true), catalogue: () => this.group.durable };
    this.reader = options.readers === 0 ? undefined : new Reader(file, this.onScan);
    const writer = new RecordWriter(connection, this.catalogue);
    const poison = (error: unknown): void => this.group.poison(error);
    this.tx = new StoreTx({ connection, catalogue: this.catalogue, writer, poison, now });
    this.admin = new IndexAdmin({ connection, catalogue: this.catalogue, writer, transact: (work) => this.run(work) });
    this.ttl = setInterval(() => void this.sweep().catch(() => undefined), options.ttlIntervalMs ?? TTL_INTERVAL_MS);
    this.ttl.unref();
  }

  private run<T>(work: (tx: StoreTx) => T): Promise<T> {
    return this.group.run(() => work(this.tx));
  }

  transact<T>(work: (tx: Tx) => T): Promise<T> {
    return this.run(work);
  }

  async *matching(ns: string, selection: Selection): AsyncIterable<readonly number[]> {
    const source = new Source(this.view, ns, selection);
    const ids: number[] = [];
    // All before the first is given out: a change may move a document to where the scan finds it again.
    for await (const records of this.slices(source)) for (const { id } of records) ids.push(id);
    for (let at = 0; at < ids.length; at += SLICE_RECORDS) yield ids.slice(at, at + SLICE_RECORDS);
    const report = source.report();
    if (report) this.onScan(report);
  }

  private async *slices(source: Source): AsyncIterable<readonly StoredRecord[]> {
    while (!source.done) {
      yield source.read({ records: SLICE_RECORDS, bytes: Infinity, until: performance.now() + SLICE_MS });
      if (!source.done) await turn();
    }
  }

  private rows(request: Request): Rows {
    const local = new LocalRows(openJob(this.view, request), this.onScan);
    const { reader } = this;
    return reader ? new HandedOver(local, () => reader.open(request)) : local;
  }

  find(query: Query): Rows {
    return this.rows({ kind: 'find', query });
  }
  aggregate(query: AggregateQuery): Rows {
    return this.rows({ kind: 'aggregate', query });
  }

  private async single(request: Request): Promise<Doc> {
    const { documents } = await this.rows(request).next(ONE);
    return decode(documents[0]!); // these jobs always give one
  }

  async count(query: Query): Promise<number> {
    const { filter, skip, limit, hint } = query;
    if (filter.size === 0 && !skip && !limit && hint === undefined) return countAll(this.view, query.ns);
    const [value] = (await this.single({ kind: 'count', query })).values();
    return Number(value instanceof Object && 'value' in value ? value.value : value);
  }

  async distinct(query: DistinctQuery): Promise<Value[]> {
    return (await this.single({ kind: 'distinct', query })).get('values') as Value[]; // as the job made it
  }

  async explain(query: Query, run: boolean): Promise<Doc> {
    const source = new Source(this.view, query.ns, query);
    if (run) for await (const _records of this.slices(source));
    return explanation(query, source.cursor, run);
  }

  collection(ns: string): CollectionDefinition | undefined {
    return this.group.durable.get(ns);
  }
  collections(database: string): CollectionDefinition[] {
    const found = [...this.group.durable.values()].filter(({ ns }) => ns.startsWith(`${database}.`));
    return found.toSorted((a, b) => (a.ns < b.ns ? -1 : 1));
  }
  databases(): string[] {
    return [...new Set([...this.group.durable.keys()].map((ns) => ns.slice(0, ns.indexOf('.'))))].toSorted();
  }
  stats(ns: string): CollectionStats {
    const collection = this.collection(ns);
    if (!collection) return { count: 0, bytes: 0 };
    const [row] = this.view.connection.all(`SELECT total(length(doc)) FROM ${documentsTable(collection)}`);
    return { count: countAll(this.view, ns), bytes: Number(row?.[0]) };
  }

  async createCollection(ns: string, options: Doc): Promise<void> {
    await this.run((tx) => {
      if (tx.collection(ns)) throw new MongoError(48, `Collection ${ns} already exists.`);
      tx.create(ns, options);
    });
  }
  dropCollection(ns: string): Promise<number> {
    return this.run((tx) => {
      const collection = tx.collection(ns);
      if (!collection) throw new MongoError(26, 'ns not found');
      this.catalogue.remove(ns);
      return collection.indexes.length;
    });
  }
  async dropDatabase(database: string): Promise<void> {
    await this.run(() => {
      for (const ns of this.catalogue.current.keys()) if (ns.startsWith(`${database}.`)) this.catalogue.remove(ns);
    });
  }
  createIndexes(ns: string, specs: readonly Doc[]): Promise<CreatedIndexes> {
    return this.admin.create(ns, specs);
  }
  dropIndexes(ns: string, which: Value): Promise<number> {
    return this.admin.drop(ns, which);
  }

  async sweep(): Promise<number> {
    await this.run((tx) => tx.retries.prune());
    return expire((work) => this.run(work), this.group.durable, this.now());
  }

  async close(): Promise<void> {
    clearInterval(this.ttl);
    this.group.end();
    await this.reader?.close();
    this.view.connection.close();
    this.connection.close();
    this.lock.release();
  }
}

function openWriter(file: string, folder: string, lock: FolderLock): Connection {
  let connection: Connection | undefined;
  try {
    connection = new Connection(file, false);
    checkFormat(connection.database, folder);
    createTables(connection);
    removeUnfinished(connection);
    return connection;
  } catch (error) {
    connection?.close();
    lock.release();
    throw error;
  }
}

/** An index that was still being filled when the process ended was promised to nobody. */
function removeUnfinished(connection: Connection): void {
  const catalogue = new CatalogueWriter(connection);
  for (const { ns, indexes } of catalogue.current.values())
    for (const index of indexes) if (!index.ready) catalogue.removeIndex(ns, index);
}

/** Opens the data folder, which is then this process's alone. */
export const openStore = (options: StoreOptions): Store => new SqliteStore(options);
