import type { Catalogue, CatalogueWriter } from './catalogue.ts';
import type { Connection } from './connection.ts';
import { isSqliteFailure, storageError } from './errors.ts';

interface Waiting {
  readonly committed: () => void;
  readonly failed: (error: unknown) => void;
}

/** A group ends early rather than keeping what came first waiting. */
const MAX_GROUP_MS = 10;

/**
 * Group commit: all statements of one turn of the event loop share one transaction and one fsync. A statement that
 * throws is undone alone; when the commit fails, or the file does, the whole group is undone.
 */
export class Group {
  /** What exists as of the last commit, which is what readers may see. */
  durable: Catalogue;
  private readonly connection: Connection;
  private readonly catalogue: CatalogueWriter;
  private waiting: Waiting[] = [];
  private startedAt = 0;
  private open = false;
  private running = false;
  private fault: unknown;

  constructor(connection: Connection, catalogue: CatalogueWriter) {
    this.connection = connection;
    this.catalogue = catalogue;
    this.durable = catalogue.current;
  }

  run<T>(work: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      try {
        this.begin();
        const result = this.statement(work);
        this.waiting.push({ committed: () => resolve(result), failed: reject });
        // Its caller is told in a later turn, so that one long statement after the other lets others in.
        if (performance.now() - this.startedAt > MAX_GROUP_MS) this.end(setImmediate);
      } catch (error) {
        const fail = (): void => reject(storageError(error));
        // It may be due to what the group wrote before it, which is not on disk yet and may never be.
        if (this.open && this.waiting.length > 0) this.waiting.push({ committed: fail, failed: reject });
        else fail();
      }
    });
  }

  private begin(): void {
    if (this.running) throw new Error('transact inside transact');
    if (this.open) return;
    this.connection.run('BEGIN IMMEDIATE');
    this.open = true;
    this.startedAt = performance.now();
    setImmediate(() => this.end());
  }

  private statement<T>(work: () => T): T {
    const before = this.catalogue.current;
    this.connection.run('SAVEPOINT statement');
    this.running = true;
    try {
      const result = work();
      if (this.fault) throw this.fault;
      this.connection.run('RELEASE statement');
      return result;
    } catch (error) {
      this.undo(before, error);
      throw error;
    } finally {
      this.running = false;
    }
  }

  /** The file failed in the middle of a change: whoever catches that may not go on. */
  poison(error: unknown): void {
    this.fault = error;
  }

  private undo(before: Catalogue, error: unknown): void {
    try {
      this.connection.run('ROLLBACK TO statement');
      this.connection.run('RELEASE statement');
      this.catalogue.current = before;
    } catch {
      // SQLite has rolled back the whole transaction, or cannot go on with it.
      this.abandon(error);
    }
    // After a failure of the file nothing in this transaction can be trusted to be complete.
    if (isSqliteFailure(error) || this.fault) this.abandon(error);
  }

  /** Commits what is open. */
  end(tell: (callers: () => void) => void = (callers) => callers()): void {
    if (!this.open) return;
    try {
      this.connection.run('COMMIT');
    } catch (error) {
      return this.abandon(error);
    }
    this.open = false;
    this.durable = this.catalogue.current;
    const { waiting } = this;
    this.waiting = [];
    tell(() => {
      for (const { committed } of waiting) committed();
    });
  }

  private abandon(error: unknown): void {
    if (this.connection.inTransaction) this.connection.run('ROLLBACK');
    this.open = false;
    this.fault = undefined;
    this.catalogue.current = this.durable;
    const { waiting } = this;
    this.waiting = [];
    for (const { failed } of waiting) failed(storageError(error));
  }
}
