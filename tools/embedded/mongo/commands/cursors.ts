import { MongoError } from '../semantics/errors.ts';
import type { Rows } from '../storage/types.ts';

/** MongoDB's: a cursor nobody asks for ends after ten minutes. */
const IDLE_MS = 10 * 60_000;
const SWEEP_MS = 30_000;

/** Each open cursor holds a position or sorted documents; a client that opens and forgets meets this first. */
const MAX_OPEN = 10_000;

export interface OpenCursor {
  readonly id: bigint;
  readonly namespace: string;
  readonly rows: Rows;
  readonly session: string | undefined;
  /** `noCursorTimeout` */
  readonly keep: boolean;
  /** What is left of `maxTimeMS`: it covers all batches together. */
  budgetMs: number | undefined;
  usedAt: number;
  busy: boolean;
}

/** Every open cursor of the process. */
export class Cursors {
  private readonly open = new Map<bigint, OpenCursor>();
  private readonly sweep = setInterval(() => this.endIdle(), SWEEP_MS).unref();
  private lastId = 0n;

  get count(): number {
    return this.open.size;
  }

  add(cursor: Pick<OpenCursor, 'namespace' | 'rows' | 'session' | 'keep' | 'budgetMs'>): bigint {
    if (this.open.size >= MAX_OPEN) {
      cursor.rows.close();
      throw new MongoError(96, `More than ${MAX_OPEN} cursors are open`);
    }
    // Not to be guessed by accident: an old id after a restart must not meet a new cursor.
    this.lastId += BigInt(1 + Math.floor(Math.random() * 2 ** 40));
    this.open.set(this.lastId, { ...cursor, id: this.lastId, usedAt: Date.now(), busy: false });
    return this.lastId;
  }

  /** The cursor, busy from now on until `release`. */
  take(id: bigint, namespace: string, session: string | undefined): OpenCursor {
    const cursor = this.open.get(id);
    if (!cursor) throw new MongoError(43, `cursor id ${id} not found`);
    if (cursor.namespace !== namespace)
      throw new MongoError(13, `Requested getMore on namespace '${namespace}', but cursor belongs to a different one`);
    if (cursor.session !== session) throw new MongoError(13, `cursor id ${id} belongs to another session`);
    if (cursor.busy) throw new MongoError(12051, `cursor id ${id} is already in use`);
    cursor.busy = true;
    return cursor;
  }

  release(cursor: OpenCursor): void {
    cursor.busy = false;
    cursor.usedAt = Date.now();
  }

  end(id: bigint): boolean {
    const cursor = this.open.get(id);
    if (!cursor) return false;
    this.open.delete(id);
    cursor.rows.close();
    return true;
  }

  belongs(id: bigint, namespace: string): boolean {
    return this.open.get(id)?.namespace === namespace;
  }

  endOfSession(session: string): void {
    this.endWhere((cursor) => cursor.session === session);
  }

  endOfCollection(namespace: string): void {
    this.endWhere((cursor) => cursor.namespace === namespace);
  }

  endOfDatabase(database: string): void {
    this.endWhere((cursor) => cursor.namespace.startsWith(`${database}.`));
  }

  close(): void {
    clearInterval(this.sweep);
    this.endWhere(() => true);
  }

  private endIdle(): void {
    const before = Date.now() - IDLE_MS;
    this.endWhere(({ keep, busy, usedAt }) => !keep && !busy && usedAt < before);
  }

  private endWhere(which: (cursor: OpenCursor) => boolean): void {
    for (const cursor of this.open.values()) if (which(cursor)) this.end(cursor.id);
  }
}
