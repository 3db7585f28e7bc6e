import {
  compileFilter,
  compileProjection,
  decode,
  Doc,
  encode,
  MongoError,
  sortKeys,
  type SortPart,
} from '../semantics/index.ts';
import type { Connection } from './connection.ts';
import { encodeKey } from './keys.ts';
import { MANY_KEYS, planFor, type Plan } from './plan.ts';
import { countKeys, openScan, type Scan, type Slice } from './scan.ts';
import type { CollectionDefinition, Selection, StoredRecord } from './types.ts';

/** MongoDB's own limit for a sort in memory. */
export const SORT_BYTES = 104_857_600;

/** Enough to make reading a statement's start negligible, few enough for large documents. */
const RECORDS_PER_READ = 256;

interface Sortable {
  readonly key: Buffer;
  readonly id: number;
  readonly bytes: Buffer;
}

const sizeOf = ({ key, bytes }: Sortable): number => key.length + bytes.length;

/** Keeps what is sorted, and with a limit not much more than the best so many. */
class Sorter {
  private readonly paths: ReadonlyArray<readonly string[]>;
  private readonly directions: ReadonlyArray<1 | -1>;
  private readonly keep: number;
  private kept: Sortable[] = [];
  private bytes = 0;

  constructor(parts: readonly SortPart[], keep: number) {
    this.paths = parts.map(({ path }) => path);
    this.directions = parts.map(({ direction }) => direction);
    this.keep = keep;
  }

  add(record: StoredRecord): void {
    const keys = sortKeys(record.doc, this.paths).map((values) => encodeKey(values, this.directions));
    const key = keys.reduce((least, one) => (Buffer.compare(one, least) < 0 ? one : least));
    // Without the decoded document, which takes several times the room of its bytes.
    const entry = { key, id: record.id, bytes: record.bytes };
    this.kept.push(entry);
    this.bytes += sizeOf(entry);
    // Twice as many before they are cut back: each record is sorted a few times at most.
    if (this.kept.length >= this.keep * 2 || this.bytes > SORT_BYTES) this.cut();
    if (this.bytes > SORT_BYTES)
      throw new MongoError(
        292,
        `Executor error during find command :: caused by :: Sort exceeded memory limit of ${SORT_BYTES} bytes, but did not opt in to external sorting.`,
      );
  }

  private cut(): void {
    this.kept.sort((a, b) => Buffer.compare(a.key, b.key));
    if (this.kept.length <= this.keep) return;
    this.kept.length = this.keep;
    this.bytes = this.kept.reduce((sum, entry) => sum + sizeOf(entry), 0);
  }

  finish(): Sortable[] {
    this.cut();
    const { kept } = this;
    this.kept = [];
    return kept;
  }
}

/** The documents of a selection in order, read in slices. */
export class Cursor {
  readonly plan: Plan;
  returned = 0;
  private readonly scan: Scan;
  private readonly matches: (doc: Doc) => boolean;
  private readonly sorter: Sorter | undefined;
  private sorted: Sortable[] | undefined;
  private toSkip: number;
  private left: number;

  constructor(connection: Connection, collection: CollectionDefinition, selection: Selection) {
    const { filter, now, skip = 0, limit = 0 } = selection;
    this.matches = compileFilter(filter, now ? { now } : {}).matches;
    this.plan = planFor(collection, selection, (scan) => countKeys(connection, scan, MANY_KEYS));
    this.scan = openScan(connection, collection, this.plan.access);
    this.toSkip = skip;
    this.left = limit > 0 ? limit : Infinity;
    if (this.plan.sort.length > 0) this.sorter = new Sorter(this.plan.sort, this.toSkip + this.left);
  }

  get keysExamined(): number {
    return this.scan.keys;
  }
  get documentsExamined(): number {
    return this.scan.documents;
  }
  get done(): boolean {
    return this.left === 0 || (this.sorted ? this.sorted.length === 0 : this.scan.done && !this.sorter);
  }

  /** Fewer than asked for, or none, when the time is up or nothing is left. */
  read(slice: Slice): StoredRecord[] {
    if (this.sorter && !this.sorted && !this.fillSorter(slice)) return [];
    const found: StoredRecord[] = [];
    let size = 0;
    while (!this.done && found.length < slice.records && size < slice.bytes) {
      for (const record of this.more(slice, found.length, size)) {
        found.push(record);
        size += record.bytes.length;
      }
      if (performance.now() >= slice.until) break;
    }
    this.returned += found.length;
    return found;
  }

  private fillSorter(slice: Slice): boolean {
    while (!this.scan.done) {
      for (const record of this.scan.read({ ...slice, records: RECORDS_PER_READ })) {
        if (this.matches(record.doc)) this.sorter!.add(record); // only called with a sorter
      }
      if (!this.scan.done && performance.now() >= slice.until) return false;
    }
    // Taken from its end, record by record.
    this.sorted = this.sorter!.finish().slice(this.toSkip).toReversed();
    this.toSkip = 0;
    return true;
  }

  private more(slice: Slice, taken: number, size: number): StoredRecord[] {
    if (this.sorted) {
      this.left -= 1;
      const { id, bytes } = this.sorted.pop()!; // not done, so one is left
      return [{ id, bytes, doc: decode(bytes) }];
    }
    const wanted = Math.min(slice.records - taken, this.left + this.toSkip, RECORDS_PER_READ);
    const records = this.scan.read({ ...slice, records: wanted, bytes: slice.bytes - size });
    const matching = records.filter(({ doc }) => this.matches(doc));
    const skipped = Math.min(this.toSkip, matching.length);
    this.toSkip -= skipped;
    const taking = matching.slice(skipped, skipped + this.left);
    this.left -= taking.length;
    return taking;
  }
}

export function projector(projection: Doc | undefined, selection: Selection): (record: StoredRecord) => Buffer {
  if (!projection || projection.size === 0) return ({ bytes }) => bytes;
  const project = compileProjection(projection, selection.now ? { now: selection.now, find: true } : { find: true });
  return ({ doc }) => encode(project(doc));
}
