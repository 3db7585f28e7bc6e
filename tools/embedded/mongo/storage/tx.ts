import { decode, Doc, encode, MongoError } from '../semantics/index.ts';
import type { CatalogueWriter } from './catalogue.ts';
import { blob, type Connection } from './connection.ts';
import { Cursor } from './cursor.ts';
import { isSqliteFailure, storageError } from './errors.ts';
import type { RecordWriter } from './writer.ts';
import type { CollectionDefinition, Retries, Selection, StoredRecord, Tx } from './types.ts';

/** Between two slices of a candidate search the caller may change what was found. */
const CANDIDATES = { records: 64, bytes: 1_048_576, until: Infinity };
/** MongoDB forgets an idle session, and with it what was answered to its writes, after as long. */
const RETRY_MS = 30 * 60_000;

class StoredRetries implements Retries {
  private readonly connection: Connection;
  private readonly now: () => number;
  constructor(connection: Connection, now: () => number) {
    this.connection = connection;
    this.now = now;
  }

  get(lsid: string): { txnNumber: bigint; results: Doc } | undefined {
    const row = this.connection.get(
      'SELECT CAST(txn AS TEXT), results FROM retries WHERE lsid = ? AND at > ?',
      lsid,
      this.now() - RETRY_MS,
    );
    return row && { txnNumber: BigInt(String(row[0])), results: decode(blob(row[1])) };
  }

  put(lsid: string, { txnNumber, results }: { txnNumber: bigint; results: Doc }): void {
    this.connection.run(
      'INSERT OR REPLACE INTO retries (lsid, txn, results, at) VALUES (?, ?, ?, ?)',
      lsid,
      txnNumber,
      encode(results),
      this.now(),
    );
  }

  prune(): void {
    this.connection.run('DELETE FROM retries WHERE at <= ?', this.now() - RETRY_MS);
  }
}

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
    return this.guarded(() => this.collection(ns) ?? this.parts.catalogue.create(ns, options));
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
