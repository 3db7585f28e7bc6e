import type { OwnerScope, Run, RunPlace } from '@flowmate/domain';
import type { Database } from '../connection/database.js';
import { NativeDocuments, type NativeFilter } from '../documents/native-documents.js';
import { runOf } from './run-mapping.js';
import { RUNS, type RunDocument } from './run.schema.js';

/** What a bell needs. */
export interface RunToRing extends RunPlace {
  readonly workspaceId: string;
  readonly owner: string | null;
}

/** A place in the order of being due: a time, and those of that very time that were seen. */
export interface DuePlace {
  readonly wakeAt: Date;
  readonly ids: readonly string[];
}

export interface DueRun extends RunToRing {
  readonly wakeAt: Date;
}

/** A place in the order of ends. Without an id it is behind all that ended at that time. */
export interface EndPlace {
  readonly closedAt: Date;
  readonly id: string | null;
}

/** How many open runs there are in each place, and for how long the oldest is due. */
export interface RunPlaces {
  readonly running: number;
  /** Somebody must look at them. */
  readonly due: number;
  /** They wait for a time. */
  readonly later: number;
  /** They wait for a free place or for a person. */
  readonly held: number;
  readonly oldestDueMs: number;
}

const NO_PLACES: RunPlaces = { running: 0, due: 0, later: 0, held: 0, oldestDueMs: 0 };

export interface EndedRun extends Run {
  /** By the clock of the store. */
  readonly closedAt: Date;
}

const PLACE = { _id: 1, epoch: 1, seq: 1, workspaceId: 1, owner: 1 } as const;

const toRing = ({ _id, epoch, seq, workspaceId, owner }: RunDocument): RunToRing => ({
  id: _id,
  epoch,
  seq,
  workspaceId,
  owner,
});

/** What has to be looked at, over all workspaces: for the duties of workers and for counting. */
export class RunWatch {
  private readonly runs: NativeDocuments<RunDocument>;

  constructor(database: Database) {
    this.runs = new NativeDocuments(database, RUNS);
  }

  /** Whether there is any run that has not ended: one question, where there is nothing to do, instead of many. */
  async isAnyOpen(): Promise<boolean> {
    const options = { sort: { owner: 1 }, limit: 1, projection: { _id: 1 } } as const;
    return (await this.runs.list({ isOpen: true as const }, options)).length > 0;
  }

  /** Runs that nobody has and that somebody must look at, longest due first. */
  async due(now: Date, after: DuePlace | null, limit: number): Promise<DueRun[]> {
    const since = after ? { $gte: after.wakeAt, $lte: now } : { $lte: now };
    const filter = { isOpen: true as const, owner: null, wakeAt: since, ...(after && { _id: { $nin: after.ids } }) };
    const found = await this.runs.list<RunDocument>(filter as NativeFilter<RunDocument>, {
      sort: { owner: 1, wakeAt: 1 },
      limit,
      projection: { ...PLACE, wakeAt: 1 },
    });
    return found.map((run) => ({ ...toRing(run), wakeAt: run.wakeAt ?? now }));
  }

  /** Runs of a worker that it must look at: somebody decided something. */
  async attentionOf(owner: string, now: Date, limit: number): Promise<string[]> {
    const filter = { isOpen: true as const, owner, wakeAt: { $lte: now } };
    const found = await this.runs.list<RunDocument>(filter, { limit, projection: { _id: 1 } });
    return found.map(({ _id }) => _id);
  }

  async ownedBy(owner: string, limit: number): Promise<RunToRing[]> {
    const filter = { isOpen: true as const, owner };
    return (await this.runs.list<RunDocument>(filter, { limit, projection: PLACE })).map(toRing);
  }

  /** The workers that have runs, one after the other. */
  async ownerAfter(owner: string): Promise<string | null> {
    const filter = { isOpen: true as const, owner: { $gt: owner } };
    const [found] = await this.runs.list<RunDocument>(filter, { sort: { owner: 1 }, limit: 1, projection: PLACE });
    return found?.owner ?? null;
  }

  /** How many runs of a workspace are rung or running; stops counting at `limit`. */
  async inFlight(workspaceId: string, limit: number): Promise<number> {
    const open = { workspaceId, isOpen: true as const };
    const running = await this.runs.count({ ...open, 'head.status': 'running' }, limit);
    if (running >= limit) return running;
    const rung = { ...open, 'head.status': 'queued', wakeAt: { $ne: null } } as NativeFilter<RunDocument>;
    return running + (await this.runs.count(rung, limit - running));
  }

  /** How many runs of a workspace wait to be begun. */
  queued(workspaceId: string, limit: number): Promise<number> {
    return this.runs.count({ workspaceId, isOpen: true, 'head.status': 'queued' }, limit);
  }

  /** The runs of a workspace that were held back, first come first. */
  async nextHeld(workspaceId: string, limit: number): Promise<RunToRing[]> {
    const filter = { workspaceId, isOpen: true as const, 'head.status': 'queued' as const, wakeAt: null };
    const options = { sort: { wakeAt: 1, rank: 1 }, limit, projection: PLACE } as const;
    return (await this.runs.list<RunDocument>(filter, options)).map(toRing);
  }

  /** The next workspace that has runs held back. */
  async heldWorkspaceAfter(workspaceId: string): Promise<string | null> {
    const held = { isOpen: true as const, owner: null, wakeAt: null, 'head.status': 'queued' as const };
    const filter = { ...held, workspaceId: { $gt: workspaceId } };
    const options = { sort: { workspaceId: 1 }, limit: 1, projection: PLACE } as const;
    return (await this.runs.list<RunDocument>(filter, options))[0]?.workspaceId ?? null;
  }

  /** Marks a run that was held back as rung, if it still stands there. */
  async markRung({ id: _id, epoch, seq }: RunPlace): Promise<boolean> {
    return this.runs.update({ _id, epoch, seq, wakeAt: null, owner: null }, { $currentDate: { wakeAt: true } });
  }

  /** Moves the time at which a run that waits is looked at, if it still stands there. Its journal knows nothing of it. */
  lookLater({ id: _id, epoch, seq }: RunPlace, wakeAt: Date): Promise<boolean> {
    return this.runs.update({ _id, epoch, seq, owner: null }, { $set: { wakeAt } });
  }

  /** All that is open in an instance; stops counting at `limit`. */
  backlog(limit: number): Promise<number> {
    return this.runs.count({ isOpen: true, owner: null }, limit);
  }

  /** For metrics, over all workspaces; each stops counting at `limit`. */
  async places(now: Date, limit: number): Promise<RunPlaces> {
    if (!(await this.isAnyOpen())) return NO_PLACES;
    const count = (place: object): Promise<number> =>
      this.runs.count({ isOpen: true, ...place } as NativeFilter<RunDocument>, limit);
    const [running, due, later, held, [oldest]] = await Promise.all([
      count({ owner: { $gt: '' } }),
      count({ owner: null, wakeAt: { $lte: now } }),
      count({ owner: null, wakeAt: { $gt: now } }),
      count({ owner: null, wakeAt: null }),
      this.due(now, null, 1),
    ]);
    const oldestDueMs = oldest ? Math.max(0, now.getTime() - oldest.wakeAt.getTime()) : 0;
    return { running, due, later, held, oldestDueMs };
  }

  async openOfAgent(workspaceId: string, agentId: string, limit: number): Promise<RunToRing[]> {
    const filter = { workspaceId, agentId, isOpen: true as const };
    return (await this.runs.list<RunDocument>(filter, { limit, projection: PLACE })).map(toRing);
  }

  async openOfWorkspace(workspaceId: string, limit: number): Promise<RunToRing[]> {
    const filter = { workspaceId, isOpen: true as const };
    return (await this.runs.list<RunDocument>(filter, { limit, projection: PLACE })).map(toRing);
  }

  /** Runs that ended, in the order of their ends, after a place in it and up to a time that is over for sure. */
  async endedSince(after: EndPlace | null, until: Date, limit: number): Promise<EndedRun[]> {
    if (!after) return this.ended({ closedAt: { $exists: true, $lte: until } }, limit);
    // Two ranges of one index, asked for one after the other: as one question they would be read whole and sorted.
    const { closedAt, id } = after;
    const sameTime = id === null ? [] : await this.ended({ closedAt, _id: { $gt: id } }, limit);
    if (sameTime.length === limit) return sameTime;
    const later = await this.ended({ closedAt: { $gt: closedAt, $lte: until } }, limit - sameTime.length);
    return [...sameTime, ...later];
  }

  private async ended(filter: NativeFilter<RunDocument>, limit: number): Promise<EndedRun[]> {
    const found = await this.runs.list<RunDocument>(filter, { sort: { closedAt: 1, _id: 1 }, limit });
    return found.flatMap((stored) => (stored.closedAt ? [{ ...runOf(stored), closedAt: stored.closedAt }] : []));
  }

  /** The oldest runs that ended before a time, to be forgotten with what belongs to them. */
  async endedBefore(time: Date, limit: number): Promise<Array<{ readonly id: string; readonly workspaceId: string }>> {
    const options = { sort: { closedAt: 1 }, limit, projection: PLACE } as const;
    const found = await this.runs.list<RunDocument>({ closedAt: { $lt: time } }, options);
    return found.map(({ _id, workspaceId }) => ({ id: _id, workspaceId }));
  }

  /** All of a workspace that is erased. */
  deleteOfWorkspace({ workspaceId }: OwnerScope): Promise<number> {
    return this.runs.deleteAll({ workspaceId });
  }

  forget(ids: readonly string[]): Promise<number> {
    return this.runs.deleteAll({ _id: { $in: ids }, closedAt: { $exists: true } });
  }
}
