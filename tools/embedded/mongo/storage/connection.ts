import { DatabaseSync, type StatementSync } from 'node:sqlite';

/** Of 1 KiB each: a bounded cache keeps the process small however large the file is. */
const WRITER_CACHE_KIB = 32_768;
const READER_CACHE_KIB = 16_384;
/** Of 4 KiB, measured: fewer checkpoints than SQLite's 1,000, and the log stays near 16 MB. */
const CHECKPOINT_PAGES = 4_000;
const LOG_LIMIT_BYTES = 67_108_864;
/** Another connection of this process holds its lock for at most one commit. */
const BUSY_MS = 5_000;
/** About ten per index in use, so some hundred indexes. */
const MAX_STATEMENTS = 2_000;

/** Node's own types do not know this method yet. */
interface ArrayStatement extends StatementSync {
  setReturnArrays(enabled: boolean): void;
}

export type Row = unknown[];
export type Parameter = Uint8Array | number | string | bigint | null;

/** One connection to the file, with its prepared statements. */
export class Connection {
  readonly database: DatabaseSync;
  private readonly statements = new Map<string, ArrayStatement>();

  constructor(path: string, readOnly: boolean) {
    this.database = new DatabaseSync(path, { readOnly });
    this.database.exec(`PRAGMA busy_timeout = ${BUSY_MS}`);
    this.database.exec(`PRAGMA cache_size = -${readOnly ? READER_CACHE_KIB : WRITER_CACHE_KIB}`);
    this.database.exec('PRAGMA foreign_keys = OFF');
    if (readOnly) return;
    this.database.exec('PRAGMA journal_mode = WAL');
    this.database.exec('PRAGMA synchronous = FULL');
    this.database.exec(`PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
    this.database.exec(`PRAGMA journal_size_limit = ${LOG_LIMIT_BYTES}`);
  }

  private statement(sql: string): ArrayStatement {
    const known = this.statements.get(sql);
    if (known) return known;
    // Those of dropped tables would stay for ever; compiling the others again is cheap.
    if (this.statements.size >= MAX_STATEMENTS) this.statements.clear();
    const made = this.database.prepare(sql) as ArrayStatement;
    made.setReturnArrays(true);
    this.statements.set(sql, made);
    return made;
  }

  get inTransaction(): boolean {
    return this.database.isTransaction;
  }
  run(sql: string, ...parameters: Parameter[]): number | bigint {
    return this.statement(sql).run(...parameters).lastInsertRowid;
  }
  get(sql: string, ...parameters: Parameter[]): Row | undefined {
    return this.statement(sql).get(...parameters) as Row | undefined; // arrays by `setReturnArrays`
  }
  all(sql: string, ...parameters: Parameter[]): Row[] {
    return this.statement(sql).all(...parameters) as unknown as Row[]; // arrays by `setReturnArrays`
  }
  iterate(sql: string, ...parameters: Parameter[]): IterableIterator<Row> {
    return this.statement(sql).iterate(...parameters) as unknown as IterableIterator<Row>; // arrays by `setReturnArrays`
  }
  /** For what is said once, such as `CREATE TABLE`. */
  exec(sql: string): void {
    this.database.exec(sql);
  }
  close(): void {
    this.statements.clear();
    this.database.close();
  }
}

export const blob = (value: unknown): Buffer => {
  const bytes = value as Uint8Array; // only asked of BLOB columns
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
};
