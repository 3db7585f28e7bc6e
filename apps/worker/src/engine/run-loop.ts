import { setTimeout as delay } from 'node:timers/promises';
import type { RunWatch } from '@flowmate/database';
import type { NewEntry } from '@flowmate/domain';
import { endedBadly } from './end-messages.js';
import type { CrashPoints } from './crash-point.js';
import type { ModelStep } from './model-step.js';
import type { Effect } from './plan.js';
import type { Planner } from './planner.js';
import type { RunAgent } from './run-agent.js';
import type { RunSession } from './run-session.js';
import type { ToolStep } from './tool-step.js';
import type { WorkerLease } from './worker-lease.js';

export interface RunLoopParts {
  readonly planner: Planner;
  readonly models: ModelStep;
  readonly tools: ToolStep;
  readonly lease: WorkerLease;
  readonly watch: Pick<RunWatch, 'lookLater'>;
  readonly crashPoints: CrashPoints;
}

/** How a run left this worker. */
export type Departure = 'left' | 'lost';

/**
 * One run, from its claim until it leaves: plan, commit, do, and the same again with what came of it. There is nothing
 * to restore after a crash: whoever claims the run plans from the same journal.
 */
export class RunLoop {
  constructor(private readonly parts: RunLoopParts) {}

  /** Claims with the first plan. `lost` when somebody else was faster, or is the owner by now. */
  async run(session: RunSession, agent: RunAgent, claim: NewEntry): Promise<Departure> {
    const { planner, models, lease, watch, crashPoints } = this.parts;
    const worker = lease.id;
    await session.contents.load(session.journal);
    let first = await planner.plan(session, agent, [claim]);
    if (first.effect?.kind === 'model' && !models.announce()) first = await planner.plan(session, agent, [claim]);
    if (!lease.isGood || lease.id !== worker) return 'lost';
    if (first.lookAt !== undefined) {
      await watch.lookLater(session.origin, new Date(first.lookAt));
      return 'left';
    }
    if (!(await session.claim(worker, [claim, ...first.entries], first.leaving))) return 'lost';
    crashPoints.pass('after-claim');
    let effect = first.effect;
    while (effect) {
      // oxlint-disable-next-line no-await-in-loop -- a run is one thing after the other
      const facts = await this.perform(effect, session, agent);
      // oxlint-disable-next-line no-await-in-loop -- see above
      const next = await this.settle(session, agent, facts);
      if (next === 'lost') return 'lost';
      effect = next;
    }
    crashPoints.pass('after-end');
    return 'left';
  }

  /** Appends what came of an effect with what follows from it; after a miss with what follows from that. */
  private async settle(
    session: RunSession,
    agent: RunAgent,
    facts: readonly NewEntry[],
  ): Promise<Effect | null | 'lost'> {
    const { planner, lease, crashPoints } = this.parts;
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop -- until the journal has taken it
      if (session.interruption === 'paused') await lease.whenGood();
      if (session.interruption === 'gone') return this.offer(session, facts);
      session.resume();
      // oxlint-disable-next-line no-await-in-loop -- see above
      if (facts.length === 0 && (await session.catchUp()) === 'lost') return 'lost';
      // oxlint-disable-next-line no-await-in-loop -- see above
      const plan = await planner.plan(session, agent, facts);
      crashPoints.pass('after-result');
      // oxlint-disable-next-line no-await-in-loop -- see above
      const outcome = await session.commit([...facts, ...plan.entries], plan.leaving);
      if (outcome === 'lost') return 'lost';
      if (outcome === 'committed') {
        crashPoints.pass(plan.effect?.kind === 'calls' ? 'after-intent' : 'after-result-commit');
        return plan.effect;
      }
    }
  }

  /** Judged gone, with something that nobody else knows: it counts if nobody has claimed the run yet. */
  private async offer(session: RunSession, facts: readonly NewEntry[]): Promise<null | 'lost'> {
    if (facts.length === 0) return 'lost';
    const { entries, leaving } = this.parts.planner.giveUp(session, facts);
    return (await session.commit([...facts, ...entries], leaving)) === 'committed' ? null : 'lost';
  }

  private async perform(effect: Effect, session: RunSession, agent: RunAgent): Promise<NewEntry[]> {
    const { lease, models, tools } = this.parts;
    if (effect.delayMs > 0) await delay(effect.delayMs, undefined, { signal: session.signal }).catch(() => undefined);
    if (!lease.isGood && session.interruption === undefined) session.interrupt('paused');
    if (session.signal.aborted) return [];
    const leftMs = session.origin.timeoutMs - session.state.activeMs;
    const timer = setTimeout(() => session.interrupt('timed_out'), leftMs).unref();
    try {
      const facts =
        effect.kind === 'model'
          ? await models.perform(effect, session, agent.definition)
          : await tools.perform(effect, session, agent);
      return session.interruption === 'timed_out' ? timedOut(facts, session) : facts;
    } finally {
      clearTimeout(timer);
    }
  }
}

/** The time is over, unless a person has to say first what became of a call. */
function timedOut(facts: readonly NewEntry[], session: RunSession): NewEntry[] {
  if (facts.some(({ type }) => type === 'review.requested' || type === 'run.failed')) return [...facts];
  const soFar = { state: session.stateWith(facts), journal: session.journalWith(facts) };
  return [...facts, endedBadly('run_timeout', soFar)];
}
