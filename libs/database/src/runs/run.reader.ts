import {
  isTerminal,
  type JournalEntry,
  type OwnerScope,
  type Run,
  type RunStatus,
  type RunTrigger,
  type WaitReason,
} from '@flowmate/domain';
import type { Database } from '../connection/database.js';
import { NativeDocuments, type NativeFilter } from '../documents/native-documents.js';
import { runOf, summaryOf, type RunSummary } from './run-mapping.js';
import { RUNS, type RunDocument, type RunRequestKey } from './run.schema.js';

/** Each narrows the list; what is left out narrows nothing. */
export interface RunFilter {
  readonly status?: RunStatus | undefined;
  readonly reason?: WaitReason | undefined;
  readonly agentId?: string | undefined;
  readonly agentVersion?: number | undefined;
  readonly trigger?: RunTrigger | undefined;
  /** When it was accepted: from `since` on, and before `until`. */
  readonly since?: Date | undefined;
  readonly until?: Date | undefined;
  readonly minCostMicros?: number | undefined;
  readonly maxCostMicros?: number | undefined;
  readonly errorCode?: string | undefined;
  readonly externalId?: string | undefined;
}

/** A run as it stands in a list. */
export type ListedRun = Pick<
  RunSummary,
  'id' | 'kind' | 'agentId' | 'agentVersion' | 'trigger' | 'externalId' | 'retryOf' | 'timeoutMs' | 'createdAt' | 'head'
>;

/** A run with the last line of its journal, which is its end when it has ended. */
export interface RunWithLast extends RunSummary {
  readonly last: JournalEntry | null;
}

/** How far a run is, for whoever watches many. */
export interface WatchedHead {
  readonly id: string;
  readonly seq: number;
  readonly status: RunStatus;
}

export interface JournalPage {
  readonly entries: readonly JournalEntry[];
  /** How long the journal is. */
  readonly seq: number;
  readonly status: RunStatus;
}

/** Ids begin with the millisecond of their making in 12 digits; 12 random ones follow. */
const idAt = (time: Date): string => `${time.getTime().toString(16).padStart(12, '0')}${'0'.repeat(12)}`;

/** What a list shows. Named one by one: most of a stored run is its journal, and half of the rest is not shown. */
const LISTED = {
  kind: 1,
  agentId: 1,
  agentVersion: 1,
  trigger: 1,
  externalId: 1,
  retryOf: 1,
  timeoutMs: 1,
  createdAt: 1,
  head: 1,
} as const;

const range = (from: number | undefined, to: number | undefined): object | undefined =>
  from === undefined && to === undefined
    ? undefined
    : { ...(from !== undefined && { $gte: from }), ...(to !== undefined && { $lte: to }) };

/** How runs are read by people: whole ones, lists, and parts of journals. */
export class RunReader {
  private readonly runs: NativeDocuments<RunDocument>;

  constructor(database: Database) {
    this.runs = new NativeDocuments(database, RUNS);
  }

  /** The latest first. */
  async list(
    owner: OwnerScope,
    filter: RunFilter,
    { before, limit }: { before?: string | undefined; limit: number },
  ): Promise<ListedRun[]> {
    const options = { sort: { _id: -1 }, limit, projection: LISTED } as const;
    const found = await this.runs.list<RunDocument>(filterOf(owner, filter, before), options);
    return found.map(listed);
  }

  /** Whole ones, in the order of their making: for whoever takes everything along. */
  async listWhole(owner: OwnerScope, after: string, limit: number): Promise<Run[]> {
    const filter = { workspaceId: owner.workspaceId, _id: { $gt: after } };
    return (await this.runs.list<RunDocument>(filter, { sort: { _id: 1 }, limit })).map(runOf);
  }

  async find(owner: OwnerScope, id: string): Promise<RunWithLast | null> {
    const projection = { journal: { $slice: -1 } };
    const found = await this.runs.findOne({ _id: id, workspaceId: owner.workspaceId }, { projection });
    return found && { ...summaryOf(found), last: found.journal[0] ?? null };
  }

  /** A part of the journal, oldest first: what follows `after`, or what comes right before `before`. */
  async journal(
    owner: OwnerScope,
    id: string,
    { after = 0, before, limit }: { after?: number | undefined; before?: number | undefined; limit: number },
  ): Promise<JournalPage | null> {
    // Entries are numbered from 1 without a gap, so that a number is a place.
    const first = before === undefined ? after : Math.max(after, before - 1 - limit);
    const count = before === undefined ? limit : before - 1 - first;
    const slice = count > 0 ? [first, count] : [0, 1];
    const projection = { seq: 1, 'head.status': 1, journal: { $slice: slice } };
    const found = await this.runs.findOne({ _id: id, workspaceId: owner.workspaceId }, { projection });
    return found && { entries: count > 0 ? found.journal : [], seq: found.seq, status: found.head.status };
  }

  /** Unscoped: of runs whose watchers were let in before. In one question, however many there are. */
  async headsUnscoped(ids: readonly string[]): Promise<WatchedHead[]> {
    if (ids.length === 0) return [];
    const options = { limit: ids.length, projection: { seq: 1, 'head.status': 1 } };
    const found = await this.runs.list<RunDocument>({ _id: { $in: [...ids] } }, options);
    return found.map(({ _id, seq, head }) => ({ id: _id, seq, status: head.status }));
  }

  /** The run that a request has started before. */
  async findByRequest(
    owner: OwnerScope,
    { principal, route, key }: RunRequestKey,
  ): Promise<{ readonly id: string; readonly status: RunStatus; readonly bodyHash: string } | null> {
    const filter = {
      workspaceId: owner.workspaceId,
      'request.principal': principal,
      'request.route': route,
      'request.key': key,
    } as NativeFilter<RunDocument>;
    const found = await this.runs.findOne(filter, { projection: { request: 1, 'head.status': 1 } });
    return found && { id: found._id, status: found.head.status, bodyHash: found.request?.bodyHash ?? '' };
  }

  /** How many runs a workspace has started since then; stops counting at `limit`. */
  startedSince(owner: OwnerScope, since: Date, limit: number): Promise<number> {
    return this.runs.count({ workspaceId: owner.workspaceId, _id: { $gte: idAt(since) } }, limit);
  }
}

const listed = (run: RunDocument): ListedRun => ({
  id: run._id,
  kind: run.kind,
  agentId: run.agentId,
  agentVersion: run.agentVersion,
  trigger: run.trigger,
  externalId: run.externalId ?? null,
  retryOf: run.retryOf ?? null,
  timeoutMs: run.timeoutMs,
  createdAt: run.createdAt.getTime(),
  head: run.head,
});

/** Says nothing more than the status, but names the index that has it. */
const placeOf = (status: RunStatus): object =>
  isTerminal(status) ? { closedAt: { $gt: new Date(0) } } : { isOpen: true };

function filterOf({ workspaceId }: OwnerScope, filter: RunFilter, before: string | undefined) {
  const { status, reason, agentId, agentVersion, trigger, since, until, errorCode, externalId } = filter;
  const cost = range(filter.minCostMicros, filter.maxCostMicros);
  const below = [...(before === undefined ? [] : [before]), ...(until ? [idAt(until)] : [])].sort()[0];
  const place = { ...(since && { $gte: idAt(since) }), ...(below !== undefined && { $lt: below }) };
  return {
    workspaceId,
    ...(Object.keys(place).length > 0 && { _id: place }),
    ...(status && { 'head.status': status, ...placeOf(status) }),
    ...(reason && { 'head.status': status ?? 'waiting', 'head.reason': reason, isOpen: true }),
    ...(agentId !== undefined && { agentId }),
    ...(agentVersion !== undefined && { agentVersion }),
    ...(trigger && { trigger }),
    ...(cost && { 'head.usage.costMicros': cost }),
    ...(errorCode !== undefined && { 'head.code': errorCode }),
    ...(externalId !== undefined && { externalId }),
  } as NativeFilter<RunDocument>;
}
