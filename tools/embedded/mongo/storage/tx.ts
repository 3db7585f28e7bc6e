import { decode, Doc, encode, MongoError } from '../semantics/index.ts';
import type { CatalogueWriter } from './catalogue.ts';
import { blob, type Connection } from './connection.ts';
import { Cursor } from './cursor.ts';
import { isSqliteFailure, storageError } from './errors.ts';
import type { RecordWriter } from './writer.ts';
import type { CollectionDefinition, Retries, RetryPart, RetryState, Selection, StoredRecord, Tx } from './types.ts';

/** Between two slices of a candidate search the caller may change what was found. */
const CANDIDATES = { records: 64, bytes: 1_048_576, until: Infinity };
/** MongoDB forgets an idle session, and with it what was answered to its writes, after as long. */
const RETRY_MS = 30 * 60_000;

/** A command has at most 100,000 statements, and a part has at least one. */
const PART_DIGITS = 6;
/** Parts stand under the session's id and a slash; no other session's id continues this one. */
const beyondParts = (lsid: string): string => `${lsid}0`;

class StoredRetries implements Retries {
  private readonly connection: Connection;
  private readonly now: () => number;
  constructor(connection: Connection, now: () => number) {
    this.connection = connection;
    this.now = now;
  }

  state(lsid: string): RetryState | undefined {
    const [txnNumber, parts] = this.connection.get(
      'SELECT CAST(max(txn) AS TEXT), count(*) FROM retries WHERE lsid >= ? AND lsid < ? AND at > ?',
      lsid,
      beyondParts(lsid),
      this.now() - RETRY_MS,
    )!; // an aggregate always answers
    return parts === 0 ? undefined : { txnNumber: BigInt(String(txnNumber)), parts: Number(parts) };
  }

  get(lsid: string): Doc[] {
    const rows = this.connection.all(
      'SELECT results FROM retries WHERE lsid >= ? AND lsid < ? ORDER BY lsid',
      lsid,
      beyondParts(lsid),
    );
    return rows.map(([results]) => decode(blob(results)));
  }

  put(lsid: string, { txnNumber, part, results }: RetryPart): void {
    if (part === 0) this.connection.run('DELETE FROM retries WHERE lsid > ? AND lsid < ?', lsid, beyondParts(lsid));
    this.connection.run(
      'INSERT OR REPLACE INTO retries (lsid, txn, results, at) VALUES (?, ?, ?, ?)',
      part === 0 ? lsid : `${lsid}/${String(part).padStart(PART_DIGITS, '0')}`,
      txnNumber,
      encode(results),
      this.now(),
    );
  }

  prune(): void {
    this.connection.run('DELETE FROM retries WHERE at <= ?', this.now() - RETRY_MS);
  }
}

const databaseOf = (ns: string): string => ns.slice(0, ns.indexOf('.'));

interface Parts {
  readonly connection: Connection;
  readonly catalogue: CatalogueWriter;
  readonly writer: RecordWriter;
  readonly poison: (error: unknown) => void;
  readonly now: () => number;
}

export class StoreTx implements Tx {
  readonly retries: StoredRetries;
  private readonly parts: Parts;

  constructor(parts: Parts) {
    this.parts = parts;
    this.retries = new StoredRetries(parts.connection, parts.now);
  }

  collection(ns: string): CollectionDefinition | undefined {
    return this.parts.catalogue.current.get(ns);
  }

  /** A failure of the file may leave half a change behind, which only the end of the transaction undoes. */
  private guarded<T>(change: () => T): T {
    try {
      return change();
    } catch (error) {
      if (isSqliteFailure(error)) this.parts.poison(error);
      throw storageError(error);
    }
  }

  private existing(ns: string): CollectionDefinition {
    const found = this.collection(ns);
    if (!found) throw new MongoError(26, `ns does not exist: ${ns}`);
    return found;
  }

  create(ns: string, options = new Doc()): CollectionDefinition {
    const found = this.collection(ns);
    if (found) return found;
    this.checkCase(ns);
    return this.guarded(() => this.parts.catalogue.create(ns, options));
  }

  /** Files of a MongoDB may be on a disk that cannot tell `a` from `A`, so it allows only one of them. */
  private checkCase(ns: string): void {
    const name = databaseOf(ns);
    for (const other of this.parts.catalogue.current.keys()) {
      const known = databaseOf(other);
      if (known !== name && known.toLowerCase() === name.toLowerCase())
        throw new MongoError(
          13297,
          `db already exists with different case already have: [${known}] trying to create [${name}]`,
        );
    }
  }

  insert(ns: string, doc: Doc): void {
    this.guarded(() => this.parts.writer.insert(this.create(ns), doc));
  }

  *candidates(ns: string, selection: Selection): Iterable<StoredRecord> {
    const collection = this.collection(ns);
    if (!collection) return;
    const cursor = new Cursor(this.parts.connection, collection, selection);
    while (!cursor.done) yield* cursor.read(CANDIDATES);
  }

  get(ns: string, id: number): StoredRecord | undefined {
    const collection = this.collection(ns);
    return collection && this.parts.writer.get(collection, id);
  }

  replace(ns: string, record: StoredRecord, doc: Doc): void {
    this.guarded(() => this.parts.writer.replace(this.existing(ns), record, doc));
  }

  remove(ns: string, record: StoredRecord): void {
    this.guarded(() => this.parts.writer.remove(this.existing(ns), record));
  }
}
