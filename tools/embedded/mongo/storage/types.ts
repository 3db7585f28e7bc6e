import type { BsonDate, Doc, Value } from '../semantics/index.ts';

/** A query that read many documents to return few, because no index helped. */
export interface ScanReport {
  readonly ns: string;
  /** The filter with its values left out. */
  readonly filterShape: string;
  readonly examined: number;
  readonly returned: number;
}

export interface StoreOptions {
  readonly folder: string;
  /** Milliseconds since 1970; decides what TTL indexes and retry records expire. */
  readonly now?: () => number;
  readonly onScan?: (report: ScanReport) => void;
  /** 0 keeps long reads on this thread, in slices; otherwise one reader thread is started when first needed. */
  readonly readers?: number;
  readonly ttlIntervalMs?: number;
}

/** Which documents, in which order. `now` is what `$$NOW` means. */
export interface Selection {
  readonly filter: Doc;
  readonly sort?: Doc | undefined;
  readonly skip?: number | undefined;
  readonly limit?: number | undefined;
  /** An index name or a key pattern. */
  readonly hint?: Value | undefined;
  readonly now?: BsonDate | undefined;
}

export interface Query extends Selection {
  readonly ns: string;
  readonly projection?: Doc | undefined;
}

export interface AggregateQuery {
  readonly ns: string;
  readonly pipeline: readonly Value[];
  readonly hint?: Value | undefined;
  readonly now?: BsonDate | undefined;
}

export interface DistinctQuery {
  readonly ns: string;
  readonly key: string;
  readonly filter: Doc;
  readonly hint?: Value | undefined;
  readonly now?: BsonDate | undefined;
}

/** One stored document; `id` is its place in the file and never changes while it lives. */
export interface StoredRecord {
  readonly id: number;
  readonly bytes: Buffer;
  readonly doc: Doc;
}

export interface BatchLimits {
  readonly documents: number;
  readonly bytes: number;
}

export interface Batch {
  readonly documents: readonly Buffer[];
  readonly done: boolean;
}

/** A result that is read in batches. At least one document comes per batch, however large, unless it is done. */
export interface Rows {
  next(limits: BatchLimits): Promise<Batch>;
  close(): void;
}

export interface IndexPart {
  readonly path: string;
  readonly parts: readonly string[];
  readonly direction: 1 | -1;
}

export interface IndexDefinition {
  readonly id: number;
  readonly name: string;
  readonly parts: readonly IndexPart[];
  readonly unique: boolean;
  readonly sparse: boolean;
  readonly expireAfterSeconds: number | undefined;
  readonly partial: Doc | undefined;
  /** Whether a document belongs into a partial index. */
  readonly covers: ((doc: Doc) => boolean) | undefined;
  /** As `listIndexes` shows it. */
  readonly spec: Doc;
  /** Per part: whether some document had an array on this path. */
  readonly multikey: readonly boolean[];
  /** False while its keys are still being made. */
  readonly ready: boolean;
}

export interface CollectionDefinition {
  readonly id: number;
  readonly ns: string;
  readonly uuid: Buffer;
  readonly options: Doc;
  /** `_id_` first. */
  readonly indexes: readonly IndexDefinition[];
}

/** What a session's last numbered write was and how many parts of its answer are kept. */
export interface RetryState {
  readonly txnNumber: bigint;
  readonly parts: number;
}

/** What was answered to part of a retryable write; `results` is the command layer's own document. */
export interface RetryPart {
  readonly txnNumber: bigint;
  /** The first part, 0, takes the place of what was kept of the session before. */
  readonly part: number;
  readonly results: Doc;
}

export interface Retries {
  state(lsid: string): RetryState | undefined;
  get(lsid: string): readonly Doc[];
  put(lsid: string, part: RetryPart): void;
}

/**
 * The writes of one statement. Each method either does all of its work or throws and has done nothing, so a caller
 * may catch a duplicate key and go on with the next document.
 */
export interface Tx {
  collection(ns: string): CollectionDefinition | undefined;
  /** Creates the collection when it is missing. The document has an `_id`; it is stored as `encode` gives it. */
  insert(ns: string, doc: Doc): void;
  /** Records that match the filter, in order; may be left at any time, and its records changed while it goes. */
  candidates(ns: string, selection: Selection): Iterable<StoredRecord>;
  /** The record as it is now, if it still exists. */
  get(ns: string, id: number): StoredRecord | undefined;
  replace(ns: string, record: StoredRecord, doc: Doc): void;
  remove(ns: string, record: StoredRecord): void;
  readonly retries: Retries;
}

export interface CreatedIndexes {
  readonly before: number;
  readonly after: number;
  readonly createdCollection: boolean;
}

export interface CollectionStats {
  readonly count: number;
  readonly bytes: number;
}

export interface Store {
  /**
   * Runs `work` at once and synchronously; what it throws undoes all it wrote and rejects. Resolves when the group of
   * writes it belongs to is on disk. When that fails, all of the group reject and nothing of it was written.
   */
  transact<T>(work: (tx: Tx) => T): Promise<T>;
  /** Ids of matching documents in slices, for updates and deletes of many: re-read each in `transact`. */
  matching(ns: string, selection: Selection): AsyncIterable<readonly number[]>;

  /** Throws at once what is wrong with the query; only what is durable is seen. */
  find(query: Query): Rows;
  aggregate(query: AggregateQuery): Rows;
  count(query: Query): Promise<number>;
  distinct(query: DistinctQuery): Promise<Value[]>;
  /** `queryPlanner`, and `executionStats` when the query is to be run. */
  explain(query: Query, run: boolean): Promise<Doc>;

  collection(ns: string): CollectionDefinition | undefined;
  collections(database: string): readonly CollectionDefinition[];
  databases(): readonly string[];
  stats(ns: string): CollectionStats;
  createCollection(ns: string, options: Doc): Promise<void>;
  /** The number of indexes it had; throws 26 when there is none. */
  dropCollection(ns: string): Promise<number>;
  dropDatabase(database: string): Promise<void>;
  createIndexes(ns: string, specs: readonly Doc[]): Promise<CreatedIndexes>;
  /** By name, key pattern, list of names or `*`; answers how many there were. */
  dropIndexes(ns: string, which: Value): Promise<number>;

  /** Deletes what TTL indexes say has expired; runs by itself every `ttlIntervalMs`. Answers how many. */
  sweep(): Promise<number>;
  close(): Promise<void>;
}
