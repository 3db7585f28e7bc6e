import { decode } from '../semantics/index.ts';
import { documentsTable, indexTable } from './catalogue.ts';
import { blob, type Connection, type Row } from './connection.ts';
import type { Access, IndexScan } from './plan.ts';
import type { CollectionDefinition, StoredRecord } from './types.ts';

/** When a slice of work has to end. */
export interface Slice {
  readonly records: number;
  readonly bytes: number;
  /** Milliseconds of `performance.now()`. */
  readonly until: number;
  /** Rather give up than begin what cannot be interrupted. */
  readonly brief?: boolean;
}

/** Reading the clock for every record would cost more than it saves. */
const RECORDS_PER_CLOCK = 16;

/** Records of an access path in its order. No statement stays open between slices: each goes on from its position. */
export interface Scan {
  readonly done: boolean;
  readonly keys: number;
  readonly documents: number;
  read(slice: Slice): StoredRecord[];
}

abstract class SlicedScan implements Scan {
  done = false;
  keys = 0;
  documents = 0;

  protected abstract rows(): IterableIterator<Row> | undefined;
  protected abstract accept(row: Row): StoredRecord | undefined;

  read({ records, bytes, until }: Slice): StoredRecord[] {
    const found: StoredRecord[] = [];
    let size = 0;
    let seen = 0;
    while (!this.done) {
      const rows = this.rows();
      if (!rows) {
        this.done = true;
        break;
      }
      for (const row of rows) {
        const record = this.accept(row);
        seen += 1;
        if (record) {
          found.push(record);
          size += record.bytes.length;
        }
        if (found.length >= records || size >= bytes) return found;
        if (seen % RECORDS_PER_CLOCK === 0 && performance.now() >= until) return found;
      }
      this.exhausted();
    }
    return found;
  }

  /** All rows of the statement were read. */
  protected abstract exhausted(): void;
}

class WholeCollection extends SlicedScan {
  private readonly connection: Connection;
  private readonly sql: string;
  private last: number;

  constructor(connection: Connection, collection: CollectionDefinition, reverse: boolean) {
    super();
    this.connection = connection;
    this.last = reverse ? Number.MAX_SAFE_INTEGER : 0;
    const [beyond, order] = reverse ? ['<', 'DESC'] : ['>', 'ASC'];
    this.sql = `SELECT id, doc FROM ${documentsTable(collection)} WHERE id ${beyond} ? ORDER BY id ${order}`;
  }

  protected rows(): IterableIterator<Row> {
    return this.connection.iterate(this.sql, this.last);
  }
  protected accept(row: Row): StoredRecord {
    this.last = row[0] as number; // the first column selected
    this.documents += 1;
    const bytes = blob(row[1]);
    return { id: this.last, bytes, doc: decode(bytes) };
  }
  protected exhausted(): void {
    this.done = true;
  }
}

/** Before every id that exists. */
const NO_ID = -1;

class IndexedScan extends SlicedScan {
  private readonly connection: Connection;
  private readonly scan: IndexScan;
  private readonly sql: string;
  private readonly seen: Set<number> | undefined;
  private interval = 0;
  private key: Buffer | undefined;
  private id = NO_ID;

  constructor(connection: Connection, collection: CollectionDefinition, scan: IndexScan, seen?: Set<number>) {
    super();
    this.connection = connection;
    this.scan = scan;
    this.seen = seen ?? (scan.index.multikey.includes(true) ? new Set() : undefined);
    const where = scan.reverse
      ? '(i.key, i.id) < (?, ?) AND i.key >= ? ORDER BY i.key DESC, i.id DESC'
      : '(i.key, i.id) > (?, ?) AND i.key < ? ORDER BY i.key, i.id';
    this.sql = `SELECT i.key, i.id, d.doc FROM ${indexTable(scan.index)} i CROSS JOIN ${documentsTable(collection)} d ON d.id = i.id WHERE ${where}`;
  }

  protected rows(): IterableIterator<Row> | undefined {
    const { bounds, reverse } = this.scan;
    const { intervals } = bounds;
    const interval = intervals[reverse ? intervals.length - 1 - this.interval : this.interval];
    if (!interval) return undefined;
    const [from, to] = reverse ? [interval.high, interval.low] : [interval.low, interval.high];
    return this.connection.iterate(this.sql, this.key ?? from, this.id, to);
  }
  protected accept(row: Row): StoredRecord | undefined {
    this.key = blob(row[0]);
    this.id = row[1] as number; // the second column selected
    this.keys += 1;
    if (this.seen?.has(this.id)) return undefined;
    this.seen?.add(this.id);
    this.documents += 1;
    const bytes = blob(row[2]);
    return { id: this.id, bytes, doc: decode(bytes) };
  }
  protected exhausted(): void {
    this.interval += 1;
    this.key = undefined;
    this.id = NO_ID;
  }
}

class UnitedScan implements Scan {
  private readonly scans: readonly Scan[];
  private current = 0;

  constructor(scans: readonly Scan[]) {
    this.scans = scans;
  }

  get done(): boolean {
    return this.current >= this.scans.length;
  }
  get keys(): number {
    return this.scans.reduce((sum, scan) => sum + scan.keys, 0);
  }
  get documents(): number {
    return this.scans.reduce((sum, scan) => sum + scan.documents, 0);
  }
  read(slice: Slice): StoredRecord[] {
    const scan = this.scans[this.current];
    if (!scan) return [];
    const found = scan.read(slice);
    if (scan.done) this.current += 1;
    return found;
  }
}

export function openScan(connection: Connection, collection: CollectionDefinition, access: Access): Scan {
  if (access.kind === 'collection') return new WholeCollection(connection, collection, access.reverse);
  if (access.kind === 'index') return new IndexedScan(connection, collection, access);
  const seen = new Set<number>();
  return new UnitedScan(access.scans.map((scan) => new IndexedScan(connection, collection, scan, seen)));
}

/** Counts the keys of a scan up to a limit. */
export function countKeys(connection: Connection, scan: IndexScan, limit: number): number {
  const sql = `SELECT count(*) FROM (SELECT 1 FROM ${indexTable(scan.index)} WHERE key >= ? AND key < ? LIMIT ?)`;
  let keys = 0;
  for (const { low, high } of scan.bounds.intervals) {
    if (keys >= limit) break;
    keys += Number(connection.get(sql, low, high, limit - keys)?.[0]);
  }
  return keys;
}
