import { setTimeout as delay } from 'node:timers/promises';
import type { RunReader } from '@flowmate/database';
import { isTerminal, type JournalEntry, type OwnerScope } from '@flowmate/domain';
import type { HeadBell, TextBell } from '@flowmate/realtime';
import type { WatchListener } from './run-watcher.js';
import type { StreamConnection } from './stream-connection.js';

export interface RunStreamParts {
  readonly connection: StreamConnection;
  readonly reader: RunReader;
  readonly owner: OwnerScope;
  readonly runId: string;
  /** The last entry that the reader has. */
  readonly after: number;
}

/** Some hundred kilobytes at most. */
const PAGE = 50;
/** The store is away: the stream stays, and goes on when it is back. */
const AWAY_MS = 1_000;
/** What a run does within this is read in one go. Its end is not waited for. */
const GATHER_MS = 15;

/** One run to one reader: every entry of its journal once and in order, and in between what the model is saying. */
export class RunStream implements WatchListener {
  private sent: number;
  /** How far the run is known to be. */
  private wanted: number;
  private gathering: NodeJS.Timeout | undefined;
  /** Pieces of an answer that is there as a whole are of no use. */
  private answeredStep = 0;
  private wake: (() => void) | undefined;

  constructor(private readonly parts: RunStreamParts) {
    this.sent = parts.after;
    this.wanted = parts.after;
  }

  head({ seq, status }: HeadBell): void {
    if (seq <= this.wanted) return;
    this.wanted = seq;
    if (isTerminal(status)) this.look();
    else this.gathering ??= setTimeout(() => this.look(), GATHER_MS).unref();
  }

  text({ epoch, step, text }: TextBell): void {
    if (step > this.answeredStep) this.parts.connection.send({ event: 'model.text', data: { epoch, step, text } });
  }

  /** The reader has left, or nobody is to be told any more. */
  closed(): void {
    this.look();
  }

  /** Resolves when the run has ended and everything was said, or the reader has left. */
  async run(): Promise<void> {
    const { connection } = this.parts;
    while (!connection.isClosed) {
      // oxlint-disable-next-line no-await-in-loop -- page after page, at the reader's speed
      const isDone = await this.sendWhatIsNew();
      if (isDone) return connection.end();
      // oxlint-disable-next-line no-await-in-loop -- see above
      await this.news();
    }
  }

  /** Answers whether there is nothing more to come. */
  private async sendWhatIsNew(): Promise<boolean> {
    const { connection, reader, owner, runId } = this.parts;
    const page = await reader.journal(owner, runId, { after: this.sent, limit: PAGE }).catch(() => 'away' as const);
    if (page === 'away') {
      await delay(AWAY_MS);
      this.wanted = Infinity;
      return false;
    }
    // It was forgotten while it was read.
    if (!page) return true;
    // oxlint-disable-next-line no-await-in-loop -- at the reader's speed
    for (const entry of page.entries) await this.hand(entry);
    this.wanted = this.wanted === Infinity ? page.seq : Math.max(this.wanted, page.seq);
    if (this.sent < page.seq || !isTerminal(page.status)) return false;
    connection.send({ event: 'stream.end', data: { seq: page.seq, status: page.status } });
    return true;
  }

  private async hand({ seq, type, at, epoch, data }: JournalEntry): Promise<void> {
    if (type === 'model.answered') this.answeredStep = data.step;
    await this.parts.connection.hand({ id: seq, event: type, data: { seq, type, at, epoch, data } });
    this.sent = seq;
  }

  private async news(): Promise<void> {
    const isBehind = this.wanted > this.sent && this.gathering === undefined;
    if (isBehind || this.parts.connection.isClosed) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.wake = resolve;
    await promise;
    this.wake = undefined;
  }

  private look(): void {
    clearTimeout(this.gathering);
    this.gathering = undefined;
    // What was heard may have been read in the meantime.
    if (this.wanted > this.sent || this.parts.connection.isClosed) this.wake?.();
  }
}
