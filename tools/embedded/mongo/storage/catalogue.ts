import { randomBytes } from 'node:crypto';
import { compileFilter, decode, Doc, encode, Int32, type Value } from '../semantics/index.ts';
import { integral, isNumeric, truncated } from '../semantics/number.ts';
import { truthy } from '../semantics/match/tests.ts';
import { blob, type Connection } from './connection.ts';
import type { CollectionDefinition, IndexDefinition } from './types.ts';

/** What exists, by namespace. Never changed in place: each state of the file has its own. */
export type Catalogue = ReadonlyMap<string, CollectionDefinition>;

export const documentsTable = (collection: CollectionDefinition): string => `c${collection.id}`;
export const indexTable = (index: IndexDefinition): string => `i${index.id}`;

const ID_SPEC = new Doc([
  ['v', new Int32(2)],
  ['key', Doc.of({ _id: new Int32(1) })],
  ['name', '_id_'],
]);

export function createTables(connection: Connection): void {
  connection.exec(`
    CREATE TABLE IF NOT EXISTS collections (id INTEGER PRIMARY KEY AUTOINCREMENT, ns TEXT NOT NULL UNIQUE, uuid BLOB NOT NULL, options BLOB NOT NULL);
    CREATE TABLE IF NOT EXISTS indexes (id INTEGER PRIMARY KEY AUTOINCREMENT, collection INTEGER NOT NULL, spec BLOB NOT NULL, multikey TEXT NOT NULL, ready INTEGER NOT NULL);
    CREATE TABLE IF NOT EXISTS retries (lsid TEXT PRIMARY KEY, txn INTEGER NOT NULL, results BLOB NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS retries_by_age ON retries (at);`);
}

interface StoredIndex {
  readonly id: number;
  readonly spec: Doc;
  readonly multikey: string;
  readonly ready: boolean;
}

function indexOf({ id, spec, multikey, ready }: StoredIndex): IndexDefinition {
  const key = spec.get('key') as Doc; // checked when it was created
  const expire = spec.get('expireAfterSeconds');
  const partial = spec.get('partialFilterExpression');
  const directionOf = (value: Value): 1 | -1 => (Number(integral(value) ?? value) < 0 ? -1 : 1);
  return {
    id,
    spec,
    ready,
    name: spec.get('name') as string, // checked when it was created
    parts: [...key].map(([path, value]) => ({ path, parts: path.split('.'), direction: directionOf(value) })),
    unique: spec.get('name') === '_id_' || truthy(spec.get('unique')),
    sparse: truthy(spec.get('sparse')),
    // MongoDB takes fractions and leaves them out.
    expireAfterSeconds: isNumeric(expire) ? Number(truncated(expire)) : undefined,
    partial: partial instanceof Doc ? partial : undefined,
    covers: partial instanceof Doc ? compileFilter(partial).matches : undefined,
    multikey: [...key].map((_part, at) => multikey[at] === '1'),
  };
}

export function loadCatalogue(connection: Connection): Catalogue {
  const indexes = new Map<number, IndexDefinition[]>();
  for (const [id, collection, spec, multikey, ready] of connection.all(
    'SELECT id, collection, spec, multikey, ready FROM indexes ORDER BY id',
  )) {
    const list = indexes.get(Number(collection)) ?? [];
    list.push(indexOf({ id: Number(id), spec: decode(blob(spec)), multikey: String(multikey), ready: ready === 1 }));
    indexes.set(Number(collection), list);
  }
  const found = new Map<string, CollectionDefinition>();
  for (const [id, ns, uuid, options] of connection.all('SELECT id, ns, uuid, options FROM collections ORDER BY ns'))
    found.set(String(ns), {
      id: Number(id),
      ns: String(ns),
      uuid: blob(uuid),
      options: decode(blob(options)),
      indexes: indexes.get(Number(id)) ?? [],
    });
  return found;
}

function withCollection(catalogue: Catalogue, collection: CollectionDefinition): Catalogue {
  return new Map(catalogue).set(collection.ns, collection);
}

/** The catalogue inside the open transaction; the caller puts an older one back when that is undone. */
export class CatalogueWriter {
  current: Catalogue;
  private readonly connection: Connection;

  constructor(connection: Connection) {
    this.connection = connection;
    this.current = loadCatalogue(connection);
  }

  create(ns: string, options: Doc): CollectionDefinition {
    const uuid = randomBytes(16);
    // RFC 9562: version 4 and its variant.
    uuid[6] = (uuid[6]! & 0x0f) | 0x40;
    uuid[8] = (uuid[8]! & 0x3f) | 0x80;
    const id = Number(
      this.connection.run('INSERT INTO collections (ns, uuid, options) VALUES (?, ?, ?)', ns, uuid, encode(options)),
    );
    this.connection.exec(`CREATE TABLE c${id} (id INTEGER PRIMARY KEY, doc BLOB NOT NULL)`);
    this.current = withCollection(this.current, { id, ns, uuid, options, indexes: [] });
    this.addIndex(ns, ID_SPEC, true);
    return this.current.get(ns)!;
  }

  addIndex(ns: string, spec: Doc, ready: boolean): IndexDefinition {
    const collection = this.current.get(ns)!;
    const multikey = '0'.repeat((spec.get('key') as Doc).size); // checked when it was created
    const id = Number(
      this.connection.run(
        'INSERT INTO indexes (collection, spec, multikey, ready) VALUES (?, ?, ?, ?)',
        collection.id,
        encode(spec),
        multikey,
        ready ? 1 : 0,
      ),
    );
    this.connection.exec(
      `CREATE TABLE i${id} (key BLOB NOT NULL, id INTEGER NOT NULL, PRIMARY KEY (key, id)) WITHOUT ROWID`,
    );
    const index = indexOf({ id, spec, multikey, ready });
    this.current = withCollection(this.current, { ...collection, indexes: [...collection.indexes, index] });
    return index;
  }

  changeIndex(ns: string, index: IndexDefinition): void {
    const collection = this.current.get(ns)!;
    this.connection.run(
      'UPDATE indexes SET multikey = ?, ready = ? WHERE id = ?',
      index.multikey.map(Number).join(''),
      index.ready ? 1 : 0,
      index.id,
    );
    const indexes = collection.indexes.map((one) => (one.id === index.id ? index : one));
    this.current = withCollection(this.current, { ...collection, indexes });
  }

  removeIndex(ns: string, index: IndexDefinition): void {
    const collection = this.current.get(ns)!;
    this.connection.run('DELETE FROM indexes WHERE id = ?', index.id);
    this.connection.exec(`DROP TABLE ${indexTable(index)}`);
    const indexes = collection.indexes.filter((one) => one.id !== index.id);
    this.current = withCollection(this.current, { ...collection, indexes });
  }

  remove(ns: string): void {
    const collection = this.current.get(ns)!;
    for (const index of collection.indexes) this.removeIndex(ns, index);
    this.connection.run('DELETE FROM collections WHERE id = ?', collection.id);
    this.connection.exec(`DROP TABLE ${documentsTable(collection)}`);
    const rest = new Map(this.current);
    rest.delete(ns);
    this.current = rest;
  }
}
