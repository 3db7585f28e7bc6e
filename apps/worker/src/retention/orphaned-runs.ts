import { randomUUID } from 'node:crypto';
import { AgentRepository, RunStore, RunWatch, WorkspaceRepository, type Database } from '@flowmate/database';
import { fold, headOf, isTerminal, numbered, undecidedOf, type Decider, type NewEntry } from '@flowmate/domain';
import type { Logger } from '@flowmate/observability';
import type { Duty } from '../duties/duty.js';

export interface OrphanedRunsParts {
  readonly database: Database;
  readonly storeNow: () => number;
  /** Says it to the worker that has the run. */
  readonly tell: (owner: string, runId: string) => void;
  readonly logger: Logger;
}

/**
 * With the beat of the worker that has the run, its end is there five seconds after the deletion; seven, if it was the
 * first that was started for a while.
 */
const EVERY_MS = 2_000;
/** Where nothing was open, every other look is left out. */
const IDLE_MS = 3_000;
const DEADLINE_MS = 60_000;
/** The api cancels at once; this is for one that was killed in it, so an hour is an hour too long. */
const LOOK_BACK_MS = 3_600_000;
/** Deletions in an hour, and runs of one agent that are on the way. */
const MAX_DELETED = 1_000;
const MAX_RUNS = 1_000;
/** A worker appends every few milliseconds at most, so that one of a few tries comes in between. */
const MAX_TRIES = 50;

const BY: Decider = { kind: 'system', id: 'deleted' };

/** Cancels what is still on the way of agents and workspaces that were deleted, whoever was to do it and could not. */
export class OrphanedRuns {
  private readonly agents: AgentRepository;
  private readonly workspaces: WorkspaceRepository;
  private readonly watch: RunWatch;
  private readonly store: RunStore;
  private idleUntil = Number.NEGATIVE_INFINITY;

  constructor(private readonly parts: OrphanedRunsParts) {
    const { database } = parts;
    this.agents = new AgentRepository(database);
    this.workspaces = new WorkspaceRepository(database);
    this.watch = new RunWatch(database);
    this.store = new RunStore(database);
  }

  get duty(): Duty {
    return { name: 'orphaned-runs', everyMs: EVERY_MS, deadlineMs: DEADLINE_MS, run: (signal) => this.run(signal) };
  }

  async run(signal: AbortSignal): Promise<void> {
    if (performance.now() < this.idleUntil) return;
    if (!(await this.watch.isAnyOpen())) {
      this.idleUntil = performance.now() + IDLE_MS;
      return;
    }
    const since = new Date(this.parts.storeNow() - LOOK_BACK_MS);
    const [agents, workspaces] = await Promise.all([
      this.agents.deletedSinceUnscoped(since, MAX_DELETED),
      this.workspaces.deletedSince(since, MAX_DELETED),
    ]);
    let count = 0;
    // oxlint-disable no-await-in-loop -- one after the other: the runs that people wait for go first
    for (const { workspaceId, id } of agents)
      count += await this.cancelAll(await this.watch.openOfAgent(workspaceId, id, MAX_RUNS), signal);
    for (const { id } of workspaces)
      count += await this.cancelAll(await this.watch.openOfWorkspace(id, MAX_RUNS), signal);
    // oxlint-enable no-await-in-loop
    if (count > 0) this.parts.logger.info('runs were cancelled with what they belong to', { count });
  }

  private async cancelAll(runs: ReadonlyArray<{ readonly id: string }>, signal: AbortSignal): Promise<number> {
    let count = 0;
    for (const { id } of runs) {
      signal.throwIfAborted();
      // oxlint-disable-next-line no-await-in-loop -- see above
      if (await this.cancel(id)) count += 1;
    }
    return count;
  }

  /** A run that nobody works on ends here; the worker that has one stops what can be stopped, and ends it. */
  private async cancel(id: string): Promise<boolean> {
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      // oxlint-disable-next-line no-await-in-loop -- on what another one wrote meanwhile
      const run = await this.store.readUnscoped(id);
      if (!run) return false;
      const state = fold(run.journal);
      if (isTerminal(state.status) || (state.isCancelRequested && run.owner !== null)) return false;
      const asked: NewEntry[] = state.isCancelRequested ? [] : [{ type: 'run.cancel_requested', data: { by: BY } }];
      const end: NewEntry = { type: 'run.cancelled', data: { by: BY, undecided: undecidedOf(state) } };
      const decided = run.owner === null ? [...asked, end] : asked;
      const place = { seq: run.seq, at: Date.now(), epoch: run.epoch, batch: randomUUID() };
      const entries = numbered(decided, place);
      const head = headOf(fold(entries, state));
      // oxlint-disable-next-line no-await-in-loop -- see above
      if (!(await this.store.append(run, { entries, head, wake: 'now' }))) continue;
      if (run.owner !== null) this.parts.tell(run.owner, id);
      return true;
    }
    return false;
  }
}
