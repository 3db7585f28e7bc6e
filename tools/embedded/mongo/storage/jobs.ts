import { compare, compilePipeline, Doc, encode, Int32, MongoError, type Value } from '../semantics/index.ts';
import { visitPath } from '../semantics/path.ts';
import { indexTable } from './catalogue.ts';
import { Cursor, projector, SORT_BYTES } from './cursor.ts';
import { encodeKey } from './keys.ts';
import { onlyCounts, splitPipeline } from './pipeline.ts';
import type { Slice } from './scan.ts';
import { Source, type View } from './source.ts';
import type { AggregateQuery, DistinctQuery, Query, ScanReport, StoredRecord } from './types.ts';

export type Request =
  | { readonly kind: 'find'; readonly query: Query }
  | { readonly kind: 'count'; readonly query: Query }
  | { readonly kind: 'distinct'; readonly query: DistinctQuery }
  | { readonly kind: 'aggregate'; readonly query: AggregateQuery };

/** A read that goes on slice by slice. What it finds are documents; of a count or distinct there is one. */
export interface Job {
  readonly done: boolean;
  step(slice: Slice): Buffer[];
  /** Known when the job is over. */
  report(): ScanReport | undefined;
}

class FindJob implements Job {
  private readonly source: Source;
  private readonly project: (record: StoredRecord) => Buffer;

  constructor(view: View, query: Query) {
    this.project = projector(query.projection, query);
    this.source = new Source(view, query.ns, query);
  }
  get done(): boolean {
    return this.source.done;
  }
  step(slice: Slice): Buffer[] {
    return this.source.read(slice).map(this.project);
  }
  report(): ScanReport | undefined {
    return this.source.report();
  }
}

/** What was tried in a short time cannot be done in it. */
class OutOfTime extends Error {}

/** Reads all records first, and makes its documents from them. */
abstract class Collecting implements Job {
  protected readonly source: Source;
  private results: Buffer[] | undefined;
  private given = 0;

  constructor(source: Source) {
    this.source = source;
  }

  protected abstract add(record: StoredRecord): void;
  /** Throws `OutOfTime` rather than read on after `until`. */
  protected abstract finish(until: number): Doc[];
  /** Whether `finish` may take long. */
  protected isLong(): boolean {
    return false;
  }

  get done(): boolean {
    return this.results !== undefined && this.given >= this.results.length;
  }

  step(slice: Slice): Buffer[] {
    while (!this.source.done) {
      for (const record of this.source.read({ ...slice, records: Infinity, bytes: SLICE_BYTES })) this.add(record);
      if (!this.source.done && performance.now() >= slice.until) return [];
    }
    if (!this.results && slice.brief && this.isLong()) return [];
    try {
      this.results ??= this.finish(slice.brief ? slice.until : Infinity).map(encode);
    } catch (error) {
      if (error instanceof OutOfTime) return [];
      throw error;
    }
    const from = this.given;
    for (let bytes = 0; bytes < slice.bytes && this.given - from < slice.records && !this.done; this.given += 1)
      bytes += this.results[this.given]!.length;
    return this.results.slice(from, this.given);
  }

  report(): ScanReport | undefined {
    return this.source.report();
  }
}

/** Bounds what one slice holds in memory. */
const SLICE_BYTES = 4_194_304;

const numberDoc = (name: string, value: number): Doc =>
  new Doc([[name, value < 2 ** 31 ? new Int32(value) : BigInt(value)]]);

class CountJob extends Collecting {
  private found = 0;
  constructor(view: View, query: Query) {
    super(new Source(view, query.ns, { ...query, sort: undefined }));
  }
  protected add(): void {
    this.found += 1;
  }
  protected finish(): Doc[] {
    return [numberDoc('n', this.found)];
  }
}

class DistinctJob extends Collecting {
  private readonly values = new Map<string, Value>();
  private readonly parts: readonly string[];

  constructor(view: View, query: DistinctQuery) {
    super(new Source(view, query.ns, query));
    this.parts = query.key.split('.');
  }
  private addValue(value: Value): void {
    const key = encodeKey([value], [1]).toString('latin1');
    if (!this.values.has(key)) this.values.set(key, value);
  }
  protected add({ doc }: StoredRecord): void {
    visitPath(doc, this.parts, false, (value) => {
      if (Array.isArray(value)) for (const element of value) this.addValue(element);
      else if (value !== undefined) this.addValue(value);
      return false;
    });
  }
  protected finish(): Doc[] {
    return [new Doc([['values', [...this.values.values()].toSorted(compare)]])];
  }
}

const NOTHING = new Doc();
/** Each takes about 20 µs by index. */
const FEW_JOINS = 200;

class AggregateJob extends Collecting {
  private readonly run: (documents: Doc[]) => Doc[];
  private readonly counting: boolean;
  private readonly joins: boolean;
  private readonly documents: Doc[] = [];
  private bytes = 0;
  private until = Infinity;

  constructor(view: View, { ns, now, hint }: AggregateQuery, pipeline: ReturnType<typeof splitPipeline>) {
    super(new Source(view, ns, { ...pipeline.selection, hint, now }));
    const database = ns.slice(0, ns.indexOf('.'));
    const foreign = (name: string, filter: Doc): Doc[] => {
      const collection = view.catalogue().get(`${database}.${name}`);
      if (!collection) return [];
      const cursor = new Cursor(view.connection, collection, { filter, now });
      const found: Doc[] = [];
      while (!cursor.done) {
        if (performance.now() >= this.until) throw new OutOfTime();
        for (const { doc } of cursor.read({ records: Infinity, bytes: Infinity, until: this.until })) found.push(doc);
      }
      return found;
    };
    this.run = compilePipeline(pipeline.rest, now ? { now, foreign } : { foreign });
    this.counting = onlyCounts(pipeline.rest[0]);
    this.joins = pipeline.rest.some((stage) => stage instanceof Doc && (stage.has('$lookup') || stage.has('$facet')));
  }
  protected add({ doc, bytes }: StoredRecord): void {
    // A million places for one document instead of a million documents.
    this.documents.push(this.counting ? NOTHING : doc);
    if (!this.counting) this.bytes += bytes.length;
    if (this.bytes > SORT_BYTES)
      throw new MongoError(292, `Aggregation exceeded the memory limit of ${SORT_BYTES} bytes`);
  }
  protected override isLong(): boolean {
    return this.joins && this.documents.length > FEW_JOINS;
  }
  protected finish(until: number): Doc[] {
    this.until = until;
    return this.run(this.documents);
  }
}

function aggregateJob(view: View, query: AggregateQuery): Job {
  // Checks all stages, also those that a find answers.
  compilePipeline(query.pipeline, query.now ? { now: query.now, foreign: () => [] } : { foreign: () => [] });
  const split = splitPipeline(query.pipeline);
  if (split.rest.length > 0) return new AggregateJob(view, query, split);
  return new FindJob(view, { ...split.selection, ns: query.ns, hint: query.hint, now: query.now });
}

export function openJob(view: View, request: Request): Job {
  if (request.kind === 'find') return new FindJob(view, request.query);
  if (request.kind === 'count') return new CountJob(view, request.query);
  if (request.kind === 'distinct') return new DistinctJob(view, request.query);
  return aggregateJob(view, request.query);
}

/** How many documents there are, from the smallest index that has them all. */
export function countAll({ connection, catalogue }: View, ns: string): number {
  const index = catalogue().get(ns)?.indexes[0];
  return index ? Number(connection.get(`SELECT count(*) FROM ${indexTable(index)}`)?.[0]) : 0;
}
