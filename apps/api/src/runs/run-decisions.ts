import { Injectable } from '@nestjs/common';
import { RunStore, RunWatch } from '@flowmate/database';
import {
  fold,
  headOf,
  isTerminal,
  newId,
  numbered,
  ResourceNotFoundError,
  undecidedOf,
  type Decider,
  type NewEntry,
  type OwnerScope,
  type Principal,
  type Run,
  type RunState,
  type RunStatus,
} from '@flowmate/domain';
import { Logger } from '@flowmate/observability';
import { RunBell } from './run-bell.js';
import { deciderOf } from './run-decider.js';
import { ReviewNotOpenError, RunBusyError, RunNotCancellableError } from './runs.errors.js';

export interface Review {
  /** Of the intent that waits. */
  readonly seq: number;
  readonly decision: 'done' | 'again';
  readonly result?: string | undefined;
}

/** What somebody decides about a run as it stands; nothing when it is decided already. */
type Decide = (state: RunState, run: Run) => readonly NewEntry[];

/** A worker appends every few milliseconds at most, so that one of a few tries comes in between. */
const MAX_TRIES = 50;
/** Runs that are cancelled with their agent, per look. */
const BATCH = 100;
/** A tenth of the connections that a process has to its store, so that others are served meanwhile. */
const AT_ONCE = 10;
/** Longer than an operation on the store takes until it is given up. */
const LATE_START_MS = 3_000;
/** A bell about a decision goes before those of new runs. */
const FIRST = 0;

/** What people decide about runs. Each decision is an append to a journal as its reader saw it, or is taken anew. */
@Injectable()
export class RunDecisions {
  constructor(
    private readonly store: RunStore,
    private readonly watch: RunWatch,
    private readonly bell: RunBell,
    private readonly logger: Logger,
  ) {}

  cancel(caller: Principal, id: string): Promise<RunStatus> {
    return this.cancelBy(caller, id, deciderOf(caller));
  }

  review(caller: Principal, id: string, { seq, decision, result }: Review): Promise<RunStatus> {
    return this.decide(caller, id, (state) => {
      if (!state.openReviews.includes(seq)) throw new ReviewNotOpenError();
      const data = {
        intent: seq,
        decision,
        by: deciderOf(caller),
        result: result === undefined ? null : { text: result },
      };
      return [{ type: 'review.decided', data }];
    });
  }

  /** All that an agent has on the way, when it is deleted. */
  async cancelAllOf(caller: Principal, agentId: string): Promise<void> {
    const by = deciderOf(caller);
    await this.cancelOpen(caller, agentId, by);
    // Who had read the agent before it was deleted has stored his run by then, or never will.
    const late = setTimeout(() => {
      this.cancelOpen(caller, agentId, by).catch((error: unknown) =>
        this.logger.error('the last runs of a deleted agent could not be cancelled', error),
      );
    }, LATE_START_MS);
    late.unref();
  }

  private async cancelOpen({ workspaceId }: OwnerScope, agentId: string, by: Decider): Promise<void> {
    const seen = new Set<string>();
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop -- batch after batch
      const open = await this.watch.openOfAgent(workspaceId, agentId, BATCH + seen.size);
      const next = open.filter(({ id }) => !seen.has(id));
      if (next.length === 0) return;
      for (let from = 0; from < next.length; from += AT_ONCE) {
        const some = next.slice(from, from + AT_ONCE);
        for (const { id } of some) seen.add(id);
        // oxlint-disable-next-line no-await-in-loop -- the store has others to serve, too
        await Promise.all(some.map(({ id }) => this.cancelBy({ workspaceId }, id, by).catch(ignoreEnded)));
      }
    }
  }

  /** A run that nobody works on ends here; the worker that has one stops what can be stopped, and ends it. */
  private cancelBy(owner: OwnerScope, id: string, by: Decider): Promise<RunStatus> {
    return this.decide(owner, id, (state, run) => {
      if (isTerminal(state.status)) throw new RunNotCancellableError();
      const asked: NewEntry[] = state.isCancelRequested ? [] : [{ type: 'run.cancel_requested', data: { by } }];
      if (run.owner !== null || state.status === 'running') return asked;
      return [...asked, { type: 'run.cancelled', data: { by, undecided: undecidedOf(state) } }];
    });
  }

  private async decide(owner: OwnerScope, id: string, decide: Decide): Promise<RunStatus> {
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      // oxlint-disable-next-line no-await-in-loop -- on what another one wrote meanwhile
      const run = await this.store.read(owner, id);
      if (!run) throw new ResourceNotFoundError();
      const state = fold(run.journal);
      const entries = decide(state, run);
      if (entries.length === 0) return state.status;
      // oxlint-disable-next-line no-await-in-loop -- see above
      const status = await this.append(run, state, entries);
      if (status !== undefined) return status;
    }
    throw new RunBusyError();
  }

  private async append(run: Run, state: RunState, decided: readonly NewEntry[]): Promise<RunStatus | undefined> {
    const place = { seq: run.seq, at: Date.now(), epoch: run.epoch, batch: newId() };
    const entries = numbered(decided, place);
    const after = fold(entries, state);
    if (!(await this.store.append(run, { entries, head: headOf(after), wake: 'now' }))) return undefined;
    const { id, workspaceId, owner } = run;
    const { status, seq } = after;
    this.bell.show({ id, workspaceId, status, seq });
    if (owner !== null) this.bell.tell(owner, id);
    else if (!isTerminal(status)) this.bell.ring({ id, seq }, FIRST);
    return status;
  }
}

function ignoreEnded(error: unknown): void {
  // Ended, or forgotten, in the same moment: that is all that was wanted.
  if (!(error instanceof RunNotCancellableError || error instanceof ResourceNotFoundError)) throw error;
}
