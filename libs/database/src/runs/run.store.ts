import {
  fold,
  headOf,
  isTerminal,
  type JournalEntry,
  type OwnerScope,
  type Run,
  type RunHead,
  type RunOrigin,
  type RunPlace,
} from '@flowmate/domain';
import type { Database } from '../connection/database.js';
import { GatheredDocuments } from '../documents/gathered-documents.js';
import { NativeDocuments, type NativeUpdate } from '../documents/native-documents.js';
import { isTaken } from '../documents/taken.js';
import { runOf, summaryOf, type RunSummary } from './run-mapping.js';
import { RUNS, type RunDocument, type RunRequestKey } from './run.schema.js';

export interface NewRun {
  readonly origin: RunOrigin;
  readonly journal: readonly JournalEntry[];
  readonly request: RunRequestKey | null;
  /** Whether a bell is rung for it; one that is held back is looked at when its workspace has room. */
  readonly isRung: boolean;
}

/** When somebody must look next: now, at a time of the store, when something else happens, or as before. */
export type Wake = 'now' | 'later' | 'as_before' | number;

export interface Append {
  readonly entries: readonly JournalEntry[];
  /** What the fold says with these entries. */
  readonly head: RunHead;
  readonly wake: Wake;
  /** `null`: nobody has it from here on. Left out: as before. */
  readonly owner?: string | null;
}

/** What others may have written since. */
export interface RunTail extends RunPlace {
  readonly owner: string | null;
  readonly entries: readonly JournalEntry[];
}

type Update = NativeUpdate<RunDocument>;

/** Room for what surrounds the text of an entry in the store. */
const ENTRY_OVERHEAD_BYTES = 60;

const bytesOf = (entries: readonly JournalEntry[]): number =>
  entries.reduce((sum, entry) => sum + JSON.stringify(entry.data).length + ENTRY_OVERHEAD_BYTES, 0);

/** How runs are written: one insert, one claim, guarded appends, and nothing else. For those who work on a run. */
export class RunStore {
  private readonly runs: NativeDocuments<RunDocument>;
  private readonly gathered: GatheredDocuments<RunDocument>;

  constructor(database: Database) {
    this.runs = new NativeDocuments(database, RUNS);
    this.gathered = new GatheredDocuments(this.runs);
  }

  /** Answers `taken` when this request has started a run already. */
  async insert({ origin, journal, request, isRung }: NewRun): Promise<'inserted' | 'taken'> {
    const { id, externalId, retryOf, traceparent, parentId, index, deadlineAt, createdAt, ...same } = origin;
    const state = fold(journal);
    const document: RunDocument = {
      _id: id,
      schemaVersion: 1,
      ...same,
      ...(externalId !== null && { externalId }),
      ...(retryOf !== null && { retryOf }),
      ...(traceparent !== null && { traceparent }),
      ...(parentId !== null && { parentId }),
      ...(index !== null && { index }),
      ...(deadlineAt !== null && { deadlineAt: new Date(deadlineAt) }),
      ...(request && { request }),
      createdAt: new Date(createdAt),
      epoch: 0,
      seq: state.seq,
      isOpen: true,
      owner: null,
      // A bell that is lost is due at once: a clock that is ahead only makes it later by so much.
      wakeAt: isRung ? new Date(createdAt) : null,
      bytes: bytesOf(journal),
      head: headOf(state),
      journal,
    };
    try {
      await this.gathered.insert(document);
      return 'inserted';
    } catch (error) {
      if (isTaken(error)) return 'taken';
      throw error;
    }
  }

  /** Unscoped: a worker knows a run by its id alone, from a bell that may be forged and so proves nothing. */
  async readUnscoped(id: string): Promise<Run | null> {
    const found = await this.gathered.read(id);
    return found && runOf(found);
  }

  async read(owner: OwnerScope, id: string): Promise<Run | null> {
    const found = await this.runs.findOne({ _id: id, workspaceId: owner.workspaceId });
    return found && runOf(found);
  }

  async readSummary(owner: OwnerScope, id: string): Promise<RunSummary | null> {
    const filter = { _id: id, workspaceId: owner.workspaceId };
    const found = await this.runs.findOne(filter, { projection: { journal: 0, input: 0 } });
    return found && summaryOf({ ...found, input: '' });
  }

  /**
   * The run becomes the worker's, if it still stands where the worker read it and still belongs to `from`. Nothing when
   * nobody knows: whether it did has to be read.
   */
  claim(place: RunPlace, from: string | null, append: Append): Promise<boolean | undefined> {
    const { id: _id, epoch, seq } = place;
    const update = updateOf(append);
    const claimed = { ...update, $set: { ...update.$set, epoch: epoch + 1 } };
    return this.gathered.update({ _id, epoch, seq, owner: from }, claimed);
  }

  /** What the owner of a run appends, if the run still stands there. Nothing when nobody knows, as with a claim. */
  commit({ id: _id, epoch, seq }: RunPlace, append: Append): Promise<boolean | undefined> {
    return this.gathered.update({ _id, epoch, seq }, updateOf(append));
  }

  /** What somebody else decides. Answers whether the run still stood there. A miss is read, not guessed. */
  append({ id: _id, epoch, seq }: RunPlace, append: Append): Promise<boolean> {
    return this.runs.update({ _id, epoch, seq }, updateOf(append));
  }

  /** Where the run stands, and what was appended after `seq`. */
  async tail(id: string, seq: number): Promise<RunTail | null> {
    const projection = { epoch: 1, seq: 1, owner: 1, journal: { $slice: [seq, MAX_TAIL] } };
    const found = await this.runs.findOne<RunDocument>({ _id: id }, { projection });
    return found && { id, epoch: found.epoch, seq: found.seq, owner: found.owner, entries: found.journal };
  }
}

/** More than any journal has. */
const MAX_TAIL = 100_000;

function updateOf({ entries, head, wake, owner }: Append): Update {
  const isEnd = isTerminal(head.status);
  const at = typeof wake === 'number' ? new Date(wake) : null;
  const isNow = wake === 'now' && !isEnd;
  const dates = { ...(isNow && { wakeAt: true as const }), ...(isEnd && { closedAt: true as const }) };
  return {
    $push: { journal: { $each: entries } },
    $set: {
      head,
      seq: entries.at(-1)?.seq ?? 0,
      ...(owner !== undefined && { owner: isEnd ? null : owner }),
      ...(!isNow && wake !== 'as_before' && { wakeAt: isEnd ? null : at }),
      ...(isEnd && { owner: null, wakeAt: null }),
    },
    $inc: { bytes: bytesOf(entries) },
    ...(Object.keys(dates).length > 0 && { $currentDate: dates }),
    ...(isEnd && { $unset: { isOpen: true as const } }),
  } as Update;
}
