import { setTimeout as delay } from 'node:timers/promises';
import {
  DatabaseUnavailableError,
  type AuditEntryDocument,
  type AuditRepository,
  type EndedRun,
  type EndPlace,
} from '@flowmate/database';
import type { AuditChain } from '../audit-chain.js';
import type { AuditSink } from '../audit-sink.js';
import { cleanEntry } from '../clean-entry.js';
import { chained, findEnd, type Draft } from '../trail-end.js';
import { entriesOfRun, nameOf } from './entries-of-run.js';

export interface RunAuditorParts {
  readonly repository: AuditRepository;
  readonly chain: AuditChain;
  readonly runs: { endedSince(after: EndPlace | null, until: Date, limit: number): Promise<EndedRun[]> };
  /** Where each entry also goes; nowhere else when absent. */
  readonly sink?: AuditSink | undefined;
  readonly now?: () => Date;
}

/** How far the ends of runs are recorded. A trail of its own, so that nobody can move it back or forth unnoticed. */
const CURSOR_TRAIL = 'runs';
/** Journals of so many runs are in memory at once: 2 MB each at the very most, and a few kilobytes mostly. */
const PAGE = 50;
/** Between pages: runs go first, and hundreds a second are recorded all the same. */
const PAUSE_MS = 50;
/** So many go to the store at once. */
const MAX_BATCH = 200;
/** 25 steps of 10 calls of each run of a page, twice. */
const MAX_ENTRIES = PAGE * 500;
/** Who finds a place taken looks again what is there. */
const MAX_TRIES = 100;

const BEFORE_ALL = new Date(0);

interface Cursor {
  readonly entry: AuditEntryDocument | null;
  readonly place: EndPlace | null;
}

class CursorBrokenError extends Error {
  override readonly name = 'CursorBrokenError';

  constructor() {
    super('The audit trail of ended runs does not verify, so nothing is added. Run `flowmate audit verify`.');
  }
}

/**
 * Records the ends of runs, from their journals alone: nothing of them is remembered in between. May be killed anywhere and go
 * on, also by two workers at once: an entry goes to the place behind the end of the trail that was looked through for
 * it, and whoever comes second finds that place taken, and looks again.
 */
export class RunAuditor {
  private readonly now: () => Date;
  /** Where the recording was when nothing was left. It only moves on: when nothing ended since, nothing is left again. */
  private behind: EndPlace | undefined;

  constructor(private readonly parts: RunAuditorParts) {
    this.now = parts.now ?? (() => new Date());
  }

  /** Up to where everything is recorded. */
  async place(): Promise<EndPlace | null> {
    return (await this.cursor()).place;
  }

  /** Answers how many runs were looked at. */
  async recordUntil(until: Date, signal?: AbortSignal): Promise<number> {
    let count = 0;
    if (this.behind && (await this.parts.runs.endedSince(this.behind, until, 1)).length === 0) return count;
    for (;;) {
      signal?.throwIfAborted();
      // oxlint-disable-next-line no-await-in-loop -- page after page is what keeps memory constant
      const cursor = await this.cursor();
      this.behind = undefined;
      // oxlint-disable-next-line no-await-in-loop -- see above
      const page = await this.parts.runs.endedSince(cursor.place, until, PAGE);
      const last = page.at(-1);
      if (!last) return this.done(cursor.place, count);
      // oxlint-disable-next-line no-await-in-loop -- see above
      await this.recordAll(page);
      // oxlint-disable-next-line no-await-in-loop -- see above
      const isMoved = await this.move(cursor.entry, last, page.length);
      count += page.length;
      // Somebody else is at it: what is left is his.
      if (!isMoved) return count;
      if (page.length < PAGE) return this.done(last, count);
      // oxlint-disable-next-line no-await-in-loop -- see above
      await delay(PAUSE_MS, undefined, { signal });
    }
  }

  /** Of all that ended until then nothing is left: as long as nothing ends, one short question says so. */
  private done(place: EndPlace | null, count: number): number {
    this.behind = { closedAt: place?.closedAt ?? BEFORE_ALL, id: null };
    return count;
  }

  /** One that was made with a key that is gone says nothing: what is recorded is recognised, so all may be seen again. */
  private async cursor(): Promise<Cursor> {
    const entry = await this.parts.repository.last(CURSOR_TRAIL);
    if (!entry) return { entry, place: null };
    const proof = this.parts.chain.proofOf(entry);
    if (proof === 'bad') throw new CursorBrokenError();
    return { entry, place: proof === 'good' ? placeIn(entry) : null };
  }

  private async recordAll(page: readonly EndedRun[]): Promise<void> {
    const byTrail = Map.groupBy(page, ({ workspaceId }) => workspaceId);
    for (const [trail, runs] of byTrail)
      // oxlint-disable-next-line no-await-in-loop -- one trail after the other
      await this.recordMissing(trail, runs);
  }

  private async recordMissing(trail: string, runs: readonly EndedRun[]): Promise<void> {
    const ids = runs.map(({ id }) => id);
    const drafts = runs.flatMap((run) =>
      entriesOfRun(run).map((entry) => ({
        ...cleanEntry(entry),
        at: this.now(),
        correlationId: run.correlationId,
      })),
    );
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      // The end first: what comes behind it after the look takes the place.
      // oxlint-disable-next-line no-await-in-loop -- each try needs what the last one found
      const end = await findEnd(trail, this.parts.repository, this.parts.chain);
      // oxlint-disable-next-line no-await-in-loop -- as above
      const there = new Set((await this.parts.repository.ofTargets(trail, ids, MAX_ENTRIES)).map(nameOf));
      const missing = drafts.filter((draft) => !there.has(nameOf(draft)));
      if (missing.length === 0) return;
      // oxlint-disable-next-line no-await-in-loop -- as above
      await this.add(trail, missing.slice(0, MAX_BATCH), end);
    }
    throw new DatabaseUnavailableError(false, new Error('Others write to this audit trail faster than this one.'));
  }

  /** Answers how many found the place that they were made for. */
  private async add(trail: string, drafts: readonly Draft[], end: { seq: number; hash: string }): Promise<number> {
    const { repository, chain, sink } = this.parts;
    const entries = chained(drafts, end, chain);
    const count = await repository.append(entries);
    const last = entries[count - 1];
    if (last) await repository.moveEnd(trail, chain.end(trail, last.seq, last.hash));
    for (const { _id, schemaVersion: _, ...stored } of entries.slice(0, count))
      sink?.write({ stored: true, ...stored });
    return count;
  }

  private async move(from: AuditEntryDocument | null, { id, closedAt }: EndedRun, count: number): Promise<boolean> {
    const end = from ?? (await findEnd(CURSOR_TRAIL, this.parts.repository, this.parts.chain));
    const draft = {
      trail: CURSOR_TRAIL,
      action: 'runs.audited',
      actor: { kind: 'system' },
      target: { kind: 'run', id },
      outcome: 'done',
      details: { closedAt: closedAt.getTime(), count },
      at: this.now(),
    } as const;
    return (await this.add(CURSOR_TRAIL, [draft], end)) === 1;
  }
}

function placeIn({ details, target }: AuditEntryDocument): EndPlace | null {
  const closedAt = details?.['closedAt'];
  return target && typeof closedAt === 'number' ? { closedAt: new Date(closedAt), id: target.id } : null;
}
