import { setTimeout as delay } from 'node:timers/promises';
import {
  DatabaseUnavailableError,
  type PayloadRepository,
  type RunStore,
  type WorkerRepository,
} from '@flowmate/database';
import { isTerminal, MAX_CRASHES, type NewEntry, type Run } from '@flowmate/domain';
import { runWithContext, withSpanOf, type Logger } from '@flowmate/observability';
import type { RunPublisher } from '@flowmate/realtime';
import { admit } from './admission.js';
import { Contents } from './contents.js';
import { endedBadly } from './end-messages.js';
import type { EngineMetrics } from './engine-metrics.js';
import { RunLostError } from './patience.js';
import type { RunAgents } from './run-agent.js';
import type { RunRinger } from './run-ringer.js';
import type { Departure, RunLoop } from './run-loop.js';
import { RunSession } from './run-session.js';
import type { Postponed, Slots } from './slots.js';
import { Suspects } from './suspects.js';
import type { WorkerLease } from './worker-lease.js';

export interface RunEngineParts {
  readonly store: RunStore;
  readonly payloads: PayloadRepository;
  readonly workers: WorkerRepository;
  readonly agents: RunAgents;
  readonly loop: RunLoop;
  readonly lease: WorkerLease;
  readonly bells: RunRinger;
  readonly news: RunPublisher;
  readonly slots: Slots;
  readonly metrics: EngineMetrics;
  readonly logger: Logger;
}

const LOOK_MS = 20;
/** Not at once: whatever it was may pass. */
const TAKE_UP_AGAIN_MS = 1_000;
/** For runs that were told to let go: longer than a write that has left is waited for. */
const LET_GO_MS = 5_000;

/** Everything this worker does about runs: it hears bells, has sessions, and lets them go. */
export class RunEngine {
  private readonly sessions = new Map<string, RunSession>();
  private readonly suspects = new Suspects();
  private readonly telling = new Set<Promise<void>>();
  private hasToLeave = false;

  constructor(private readonly parts: RunEngineParts) {}

  get isLeaving(): boolean {
    return this.hasToLeave;
  }

  get running(): number {
    return this.sessions.size;
  }

  /** A bell for a run. Resolves when this worker is done with it; a bell for nothing does nothing. */
  async hear(runId: string): Promise<void> {
    const { store, lease, slots, metrics } = this.parts;
    if (this.hasToLeave || !lease.isGood) return;
    if (this.sessions.has(runId)) return this.attend(runId);
    if (!slots.hasAny) return slots.postpone(runId);
    const run = await store.readUnscoped(runId);
    if (!run) {
      metrics.rejected('unknown');
      return this.parts.logger.warn('security.job_rejected: a bell for a run that is not there', { runId });
    }
    await this.consider(run);
  }

  private async consider(run: Run): Promise<void> {
    const { slots } = this.parts;
    if (!slots.admits(run.workspaceId)) return slots.postpone(run.id, run);
    const { id: runId, correlationId, workspaceId, agentId } = run;
    await runWithContext({ correlationId, workspaceId, agentId, runId }, () =>
      // A bell may come from the reconciler: the run itself knows the trace that it belongs to.
      withSpanOf(run.traceparent, 'run', { runId }, () => this.begin(run)),
    );
  }

  /** Somebody may have decided something about a run that this worker has. */
  async attend(runId: string): Promise<void> {
    const session = this.sessions.get(runId);
    const news = (await session?.peek()) ?? [];
    if (news.some(({ type }) => type === 'run.cancel_requested')) session?.interrupt('cancelled');
  }

  /** Runs that the store says are this worker's. One that nobody here works on would have nobody at all. */
  lookAfter(runIds: readonly string[]): void {
    for (const runId of runIds.filter((id) => !this.sessions.has(id))) void this.hearLater({ runId, run: undefined });
  }

  /** The lease is in doubt, or lost. */
  interruptAll(why: 'paused' | 'gone'): void {
    for (const session of this.sessions.values()) session.interrupt(why);
  }

  /** Lets every run go: at its next step, or after the limit at once. */
  async leave(limitMs: number): Promise<void> {
    this.hasToLeave = true;
    if (!(await this.isIdleWithin(limitMs))) {
      for (const session of this.sessions.values()) session.interrupt('handed_back');
      await this.isIdleWithin(LET_GO_MS);
    }
    // Bells for what was handed back; each is rung or given up within two seconds.
    await Promise.all(this.telling);
  }

  private async begin(run: Run): Promise<void> {
    const { lease, workers, metrics } = this.parts;
    const admission = await admit(run, {
      worker: lease.id,
      storeNow: lease.storeNow(),
      isAlive: (worker) => workers.isAlive(worker),
    });
    if ('refusal' in admission) return metrics.refused(admission.refusal);
    if (this.sessions.has(run.id) || this.hasToLeave) return;
    // Others may have taken the places while the owner was asked for.
    if (!this.parts.slots.admits(run.workspaceId)) return this.parts.slots.postpone(run.id, run);
    if (!this.suspects.admits(admission.crashes)) {
      this.parts.slots.postpone(run.id, run);
      return metrics.refused('suspect');
    }
    if (run.owner === lease.id) this.parts.logger.warn('a run of this worker had nobody to work on it');
    this.suspects.add(run.id, admission.crashes);
    const session = this.sessionOf(run);
    this.sessions.set(run.id, session);
    this.parts.slots.take(run.workspaceId);
    const started = performance.now();
    try {
      const departure = await this.carryOut(session, admission.claim);
      metrics.departed(session, departure, performance.now() - started);
      if (session.state.seq > run.seq) this.tell(session, departure, performance.now() - started);
    } catch (error) {
      metrics.departed(session, 'lost', performance.now() - started);
      if (!(error instanceof RunLostError)) await this.failed(session, error, admission.claim);
    } finally {
      this.sessions.delete(run.id);
      this.suspects.delete(run.id);
      this.parts.slots.giveBack(run.workspaceId, (next) => void this.hearLater(next));
      this.tellOthers(session);
    }
  }

  /** One line for each time that a run leaves: what an operator looks for first. */
  private tell({ state }: RunSession, departure: Departure, ms: number): void {
    const { status, reason, end, seq, epoch, usage } = state;
    const tokens = usage.inputTokens + usage.outputTokens;
    this.parts.logger.info(departure === 'lost' ? 'run lost to another worker' : `run ${status}`, {
      durationMs: Math.round(ms),
      code: end?.code ?? undefined,
      reason: reason ?? undefined,
      seq,
      epoch,
      tokens,
    });
  }

  private async carryOut(session: RunSession, claim: NewEntry): Promise<Departure> {
    const agent = await this.parts.agents.of(session.origin);
    return agent ? this.parts.loop.run(session, agent, claim) : this.withoutAgent(session, claim);
  }

  /**
   * A mistake of ours, or a store that went away before the claim. The run is as after a crash: it is taken up again,
   * and given up when that happens three times in a row.
   */
  private async failed(session: RunSession, error: unknown, claim: NewEntry): Promise<void> {
    const { logger } = this.parts;
    logger.failure('a run was interrupted by an error; it is taken up again', error);
    if (session.state.seq === session.origin.seq) {
      if (error instanceof DatabaseUnavailableError) return;
      // What fails before the claim would fail for ever, and nobody would count it.
      const isHopeless = session.stateWith([claim]).crashes >= MAX_CRASHES;
      const entries = isHopeless ? [claim, endedBadly('run_crash_loop', session)] : [claim];
      const claimed = session.claim(this.parts.lease.id, entries, null);
      if (!(await claimed.catch(() => false)) || isHopeless) return;
    }
    setTimeout(() => void this.hearLater({ runId: session.id, run: undefined }), TAKE_UP_AGAIN_MS).unref();
  }

  private sessionOf(run: Run): RunSession {
    const { store, payloads, lease, news } = this.parts;
    const worker = lease.id;
    const isOurs = (): boolean => lease.id === worker;
    return new RunSession(run, {
      store,
      contents: new Contents({ payloads, owner: run, runId: run.id, bytes: run.bytes, isOurs }),
      now: Date.now,
      isOurs,
      onCommitted: ({ state }) => news.head(run.workspaceId, { runId: run.id, seq: state.seq, status: state.status }),
    });
  }

  /** The version that a run pins is kept as long as the run; a restored backup may lack it all the same. */
  private async withoutAgent(session: RunSession, claim: NewEntry): Promise<'left'> {
    await session.claim(this.parts.lease.id, [claim, endedBadly('agent_gone', session)], null);
    return 'left';
  }

  /** A run that was handed back is rung for others; a place that became free is for the workspace's next run. */
  private tellOthers({ id, state, origin }: RunSession): void {
    const { bells, logger } = this.parts;
    const { workspaceId } = origin;
    const isHandedBack = state.status === 'queued' && state.seq > origin.seq;
    const told = isHandedBack ? bells.ring({ id, seq: state.seq, workspaceId }) : this.next(state.status, workspaceId);
    const done = told
      .catch((error: unknown) =>
        logger.debug('a bell was not rung; the reconciler rings it', { reason: String(error) }),
      )
      .finally(() => this.telling.delete(done));
    this.telling.add(done);
    if (state.crashes >= MAX_CRASHES) logger.warn('a run was given up: it ended its worker three times', { runId: id });
  }

  private async next(status: Run['head']['status'], workspaceId: string): Promise<void> {
    if (isTerminal(status) || status === 'waiting') await this.parts.bells.freed(workspaceId);
  }

  private async hearLater({ runId, run }: Postponed): Promise<void> {
    try {
      if (run && !this.hasToLeave && this.parts.lease.isGood && !this.sessions.has(runId)) await this.consider(run);
      else await this.hear(runId);
    } catch (error) {
      this.parts.logger.failure('a run that waited for a place was not begun; it is rung again', error, { runId });
    }
  }

  private async isIdleWithin(limitMs: number): Promise<boolean> {
    const deadline = performance.now() + limitMs;
    while (this.sessions.size > 0) {
      if (performance.now() > deadline) return false;
      // oxlint-disable-next-line no-await-in-loop -- one wait, looked at in between
      await delay(LOOK_MS);
    }
    return true;
  }
}
