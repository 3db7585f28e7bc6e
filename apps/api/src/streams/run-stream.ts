import { setTimeout as delay } from 'node:timers/promises';
import type { JournalPage, RunReader } from '@flowmate/database';
import { isTerminal, type OwnerScope } from '@flowmate/domain';
import type { HeadBell, TextBell } from '@flowmate/realtime';
import type { WatchListener } from './run-watcher.js';
import type { StreamConnection } from './stream-connection.js';

export interface RunStreamParts {
  readonly reader: RunReader;
  readonly owner: OwnerScope;
  readonly runId: string;
  /** The last entry that the reader has. */
  readonly after: number;
}

/** Some hundred kilobytes at most. */
export const STREAM_PAGE = 50;
/** The store is away: the stream stays, and goes on when it is back. */
const AWAY_MS = 1_000;

/** One run to one reader: every entry of its journal once and in order, and in between what the model is saying. */
export class RunStream implements WatchListener {
  private sent: number;
  /** How far the run is known to be. */
  private wanted: number;
  /** There as soon as the reader is let in; what the run does before that is read. */
  private connection: StreamConnection | undefined;
  /** Pieces of an answer that is there as a whole are of no use. */
  private answeredStep = 0;
  private wake: (() => void) | undefined;

  constructor(private readonly parts: RunStreamParts) {
    this.sent = parts.after;
    this.wanted = parts.after;
  }

  head({ seq }: HeadBell): void {
    if (seq <= this.wanted) return;
    this.wanted = seq;
    this.wake?.();
  }

  text({ epoch, step, text }: TextBell): void {
    if (step > this.answeredStep) this.connection?.send({ event: 'model.text', data: { epoch, step, text } });
  }

  /** The reader has left, or nobody is to be told any more. */
  closed(): void {
    this.wake?.();
  }

  /** Resolves when the run has ended and everything was said, or the reader has left. */
  async run(connection: StreamConnection, first: JournalPage): Promise<void> {
    this.connection = connection;
    let page: JournalPage | null = first;
    while (!connection.isClosed) {
      // oxlint-disable-next-line no-await-in-loop -- page after page, at the reader's speed
      const isDone = await this.hand(connection, page);
      if (isDone) return connection.end();
      // oxlint-disable-next-line no-await-in-loop -- see above
      await this.news(connection);
      // oxlint-disable-next-line no-await-in-loop -- see above
      page = await this.read(connection);
    }
  }

  /** For who has missed too much: where things stand, and what comes from now on. */
  skip(connection: StreamConnection, { seq, status }: JournalPage): Promise<void> {
    this.sent = seq;
    connection.send({ id: seq, event: 'stream.reset', data: { seq, status } });
    return this.run(connection, { seq, status, entries: [] });
  }

  /** Answers whether there is nothing more to come. Without a page the run was forgotten while it was read. */
  private async hand(connection: StreamConnection, page: JournalPage | null): Promise<boolean> {
    if (!page) return true;
    for (const { seq, type, at, epoch, data } of page.entries) {
      if (type === 'model.answered') this.answeredStep = data.step;
      // oxlint-disable-next-line no-await-in-loop -- at the reader's speed
      await connection.hand({ id: seq, event: type, data: { seq, type, at, epoch, data } });
      this.sent = seq;
    }
    this.wanted = Math.max(this.wanted, page.seq);
    if (this.sent < page.seq || !isTerminal(page.status)) return false;
    connection.send({ event: 'stream.end', data: { seq: page.seq, status: page.status } });
    return true;
  }

  private async read(connection: StreamConnection): Promise<JournalPage | null> {
    const { reader, owner, runId } = this.parts;
    for (;;) {
      const part = { after: this.sent, limit: STREAM_PAGE };
      // oxlint-disable-next-line no-await-in-loop -- again only while the store is away
      const page = await reader.journal(owner, runId, part).catch(() => 'away' as const);
      if (page !== 'away' || connection.isClosed) return page === 'away' ? null : page;
      // oxlint-disable-next-line no-await-in-loop -- see above
      await delay(AWAY_MS);
    }
  }

  private async news(connection: StreamConnection): Promise<void> {
    if (this.wanted > this.sent || connection.isClosed) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.wake = resolve;
    await promise;
    this.wake = undefined;
  }
}
