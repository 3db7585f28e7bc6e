import {
  isTerminal,
  LONGEST_SLEEP_MS,
  nextMove,
  undecidedOf,
  type Decider,
  type JournalEntry,
  type Move,
  type NewEntry,
  type RunState,
} from '@flowmate/domain';
import { worstCaseMicros, type ModelRequest } from '@flowmate/llm';
import type { ToolRegistry } from '@flowmate/tools';
import { conversation } from './conversation.js';
import { endedBadly } from './end-messages.js';
import { fitContext } from './fit-context.js';
import { answerOf, decideCalls } from './intents.js';
import type { Provider } from './model-step.js';
import { lookAt, outageOf } from './outage.js';
import { patiently } from './patience.js';
import type { Plan } from './plan.js';
import type { RunAgent } from './run-agent.js';
import type { RunSession } from './run-session.js';

export interface PlannerParts {
  readonly registry: ToolRegistry;
  readonly defaultModel: string;
  /** Whether who started a run still may; asked at every decision about a tool. */
  readonly mayAct: (session: RunSession) => Promise<boolean>;
  readonly provider: () => Provider;
  /** Whether this worker wants to be rid of its runs. */
  readonly isLeaving: () => boolean;
  readonly storeNow: () => number;
}

/** What no run goes beyond, whatever its agent says. */
const MAX_STEPS = 25;

/** A plan in the making: entries that follow from those before. */
class Draft {
  readonly entries: NewEntry[] = [];

  constructor(
    private readonly session: RunSession,
    private readonly facts: readonly NewEntry[],
  ) {}

  get state(): RunState {
    return this.session.stateWith([...this.facts, ...this.entries]);
  }

  get journal(): readonly JournalEntry[] {
    return this.session.journalWith([...this.facts, ...this.entries]);
  }

  /** The wait that the last tries asked for. */
  get delayMs(): number {
    return Math.max(0, ...this.facts.map((fact) => (fact.type === 'run.retrying' ? fact.data.delayMs : 0)));
  }

  add(...entries: readonly NewEntry[]): void {
    this.entries.push(...entries);
  }

  leave(wake: 'now' | 'later' | number): Plan {
    return { entries: this.entries, effect: null, leaving: { wake } };
  }
}

/** From what is known to what is appended and done next. It reads, and does nothing else to the world. */
export class Planner {
  constructor(private readonly parts: PlannerParts) {}

  async plan(session: RunSession, agent: RunAgent, facts: readonly NewEntry[]): Promise<Plan> {
    const draft = new Draft(session, facts);
    for (;;) {
      const { state } = draft;
      if (isTerminal(state.status)) return { entries: draft.entries, effect: null, leaving: null };
      if (this.parts.isLeaving() && !state.isCancelRequested) return handBack(draft, session);
      const late = state.isCancelRequested ? undefined : this.lateness(session, state);
      if (late) draft.add(endedBadly(late, draft));
      else {
        const move = nextMove(state, { maxSteps: Math.min(agent.definition.limits.maxSteps ?? MAX_STEPS, MAX_STEPS) });
        // oxlint-disable-next-line no-await-in-loop -- each move follows from the one before
        const plan = await this.follow(move, draft, { session, agent });
        if (plan) return plan;
      }
    }
  }

  /** Whether the time is over: that at work, or that of the wall clock by which the run must end. */
  private lateness({ origin }: RunSession, { activeMs }: RunState): string | undefined {
    if (activeMs >= origin.timeoutMs) return 'run_timeout';
    return origin.deadlineAt !== null && this.parts.storeNow() >= origin.deadlineAt ? 'run_deadline' : undefined;
  }

  /** For whoever may go on with nothing: what is known, and the run for somebody else. */
  giveUp(session: RunSession, facts: readonly NewEntry[]): Plan {
    const draft = new Draft(session, facts);
    return isTerminal(draft.state.status) ? { entries: [], effect: null, leaving: null } : handBack(draft, session);
  }

  /** Adds what a move means; a plan when there is something to do or to wait for. */
  private async follow(
    move: Move,
    draft: Draft,
    { session, agent }: { session: RunSession; agent: RunAgent },
  ): Promise<Plan | undefined> {
    switch (move.do) {
      case 'nothing':
        return { entries: draft.entries, effect: null, leaving: null };
      case 'cancel':
        draft.add({
          type: 'run.cancelled',
          data: { by: cancelledBy(draft.journal), undecided: undecidedOf(draft.state) },
        });
        return undefined;
      case 'fail':
        draft.add(endedBadly(move.code, draft));
        return undefined;
      case 'finish':
        draft.add(this.finish(draft));
        return undefined;
      case 'wait_for_review':
        draft.add({ type: 'run.waiting', data: { reason: 'review', amount: move.calls, until: null } });
        return draft.leave('later');
      case 'decide':
        return this.decide(move, draft, { session, agent });
      case 'work':
        return this.work(move, draft, session);
      case 'call_model':
        return this.callModel(move, draft, { session, agent });
    }
  }

  private finish(draft: Draft): NewEntry {
    const answer = answerOf(draft.journal, draft.state.answer?.seq ?? 0);
    const output = answer?.text ?? { text: '' };
    if (answer?.finish === 'length') return { type: 'run.partial', data: { code: 'output_truncated', output } };
    if (answer?.finish === 'filtered') return endedBadly('llm_filtered', draft);
    return { type: 'run.succeeded', data: { output } };
  }

  private async decide(
    move: Move & { do: 'decide' },
    draft: Draft,
    { session, agent }: { session: RunSession; agent: RunAgent },
  ): Promise<undefined> {
    const isGranted = await patiently(
      () => session.isOurs,
      () => this.parts.mayAct(session),
    );
    const deciding = { session, agent, registry: this.parts.registry, isGranted };
    const { entries, isLoop } = await decideCalls(move.calls, draft.state, draft.journal, deciding);
    draft.add(...entries);
    if (isLoop) draft.add(endedBadly('loop_detected', draft));
    return undefined;
  }

  private work(move: Move & { do: 'work' }, draft: Draft, session: RunSession): Plan | undefined {
    const { state, delayMs } = draft;
    const step = state.answer?.step ?? 0;
    const doubtful = move.calls.filter(({ how }) => how === 'review');
    if (doubtful.length > 0) {
      for (const { call } of doubtful)
        draft.add({
          type: 'review.requested',
          data: { step, call: call.call, intent: call.intent, code: 'outcome_unknown' },
        });
      return undefined;
    }
    if (delayMs > LONGEST_SLEEP_MS) return this.park(draft, session, delayMs);
    return { entries: draft.entries, effect: { kind: 'calls', step, calls: move.calls, delayMs }, leaving: null };
  }

  private callModel(
    { step, isRepair }: Move & { do: 'call_model' },
    draft: Draft,
    { session, agent }: { session: RunSession; agent: RunAgent },
  ): Plan | undefined {
    const { state, delayMs } = draft;
    const provider = this.parts.provider();
    if (provider.isDown && !this.mayProbe(provider, state, session)) return this.waitOut(provider, draft, session);
    const pauseMs = Math.max(delayMs, provider.pauseMs);
    if (pauseMs > LONGEST_SLEEP_MS) return this.park(draft, session, pauseMs);
    const said = conversation({ input: session.origin.input, journal: draft.journal }, agent.definition, (content) =>
      session.contents.textOf(content),
    );
    const fitted = fitContext(said, this.baseRequest(agent));
    if (!fitted.fits) {
      draft.add(endedBadly('context_length_exceeded', draft));
      return undefined;
    }
    const { request, omitted } = fitted;
    session.contents.leaveOut(draft.journal, omitted);
    // A retry by the same worker is announced by its own entry.
    if (state.modelCall?.epoch !== state.epoch || state.modelCall.step !== step) {
      const worstMicros = worstCaseMicros(request);
      const called = { step, model: request.model, upTo: state.seq, omitted, isRepair, worstMicros };
      draft.add({ type: 'model.called', data: called });
    }
    return { entries: draft.entries, effect: { kind: 'model', step, request, delayMs: pauseMs }, leaving: null };
  }

  private baseRequest({ definition, shown }: RunAgent): Omit<ModelRequest, 'messages'> {
    const { model, output } = definition;
    return {
      model: model.name ?? this.parts.defaultModel,
      tools: shown,
      temperature: model.temperature,
      maxOutputTokens: model.maxOutputTokens,
      outputSchema: output ?? undefined,
    };
  }

  /** One try in a claim, and none before the time that the run waits until. */
  private mayProbe({ pauseMs }: Provider, { modelCall, epoch }: RunState, session: RunSession): boolean {
    return pauseMs === 0 && modelCall?.epoch !== epoch && (session.state.until ?? 0) <= this.parts.storeNow();
  }

  /** A run that waits already is left as it is: days of an outage are not to fill its journal. */
  private waitOut({ pauseMs }: Provider, draft: Draft, session: RunSession): Plan | undefined {
    const now = this.parts.storeNow();
    const { isHopeless, nextMs } = outageOf(session.journal, now);
    if (isHopeless) {
      draft.add(endedBadly('llm_unavailable', draft));
      return undefined;
    }
    const { status, reason, until } = session.state;
    if (status !== 'waiting' || reason !== 'retry') {
      const waitMs = Math.max(nextMs, pauseMs);
      return this.park(draft, session, waitMs, lookAt(now + waitMs, now));
    }
    const look = inTime(session, lookAt(Math.max(until ?? 0, now + pauseMs), now));
    return { entries: [], effect: null, leaving: null, lookAt: look };
  }

  /** Gives the place to somebody else until it is worth trying again. */
  private park(draft: Draft, session: RunSession, delayMs: number, wake?: number): Plan {
    const until = Math.ceil(this.parts.storeNow() + delayMs);
    draft.add({ type: 'run.waiting', data: { reason: 'retry', amount: Math.ceil(delayMs), until } });
    return draft.leave(inTime(session, wake ?? until));
  }
}

/** Never after the time by which a run has to end. */
const inTime = ({ origin }: RunSession, wake: number): number =>
  Math.ceil(Math.min(wake, origin.deadlineAt ?? Number.POSITIVE_INFINITY));

function handBack(draft: Draft, session: RunSession): Plan {
  const unsent = (draft.state.answer?.calls ?? [])
    .filter(({ phase, intent }) => phase === 'intended' && !session.sentAt.has(intent))
    .filter(({ outEpoch }) => outEpoch === draft.state.epoch)
    .map(({ intent }) => intent);
  draft.add({ type: 'run.queued', data: { reason: 'handed_back', position: 0, unsent } });
  return draft.leave('now');
}

function cancelledBy(journal: readonly JournalEntry[]): Decider | null {
  const request = journal.findLast(({ type }) => type === 'run.cancel_requested');
  return request?.type === 'run.cancel_requested' ? request.data.by : null;
}
