import {
  fold,
  headOf,
  isTerminal,
  LONGEST_SLEEP_MS,
  nextMove,
  numbered,
  undecidedOf,
  type CallMove,
  type CallState,
  type EntryData,
  type IdempotencyClass,
  type JournalEntry,
  type Move,
  type NewEntry,
  type RunState,
} from '../src/index.js';
import type { Chance, RunWorld } from './run-world.js';
import { answered, called, failed, intended, refused, retryingModel, review, unsentOf } from './sim-entries.js';
import { NAP_MS, SimTools, TRIES, type Sending } from './sim-tools.js';

/** The calls that the model wants, answer by answer, as the classes of their tools; then it is done. */
export type Script = ReadonlyArray<ReadonlyArray<IdempotencyClass | 'unknown'>>;

type Effect =
  | { readonly kind: 'model'; readonly step: number; readonly delayMs: number }
  | { readonly kind: 'calls'; readonly step: number; readonly calls: readonly CallMove[]; readonly delayMs: number };
type Leaving = { readonly wake: number | null } | null;
interface Plan {
  readonly entries: readonly NewEntry[];
  readonly effect: Effect | null;
  readonly leaving: Leaving;
}

interface Session extends Sending {
  state: RunState;
  readonly epoch: number;
  /** What is done next, or what came of it. */
  effect: Effect | null;
  facts: readonly NewEntry[] | null;
}

const MAX_STEPS = 25;

/** One worker as the engine is: plan, commit, do, and the same again. It dies where chance wants it. */
export class SimWorker {
  isLeaving = false;
  private session: Session | null = null;
  private readonly tools: SimTools;

  constructor(
    readonly id: string,
    private readonly world: RunWorld,
    private readonly chance: Chance,
    private readonly script: Script,
  ) {
    world.alive.add(id);
    this.tools = new SimTools(world, chance);
  }

  get isIdle(): boolean {
    return this.session === null;
  }

  /** The process is gone, with whatever it knew. */
  die(): void {
    this.world.alive.delete(this.id);
    this.session = null;
  }

  /** One thing, as far as it goes in one piece. */
  tick(): void {
    const { session } = this;
    if (!session) this.hear();
    else if (session.facts) this.settle(session, session.facts);
    else if (session.effect) session.facts = this.perform(session, session.effect);
  }

  /** A bell about a decision. */
  attend(): void {
    if (this.session && this.world.state.isCancelRequested) this.session.isCancelled = true;
  }

  private get isGood(): boolean {
    return this.world.alive.has(this.id);
  }

  private hear(): void {
    const { run, state } = this.world;
    if (!this.isGood || this.isLeaving || isTerminal(state.status)) return;
    const claim = this.admit(state);
    if (!claim) return;
    const epoch = run.epoch + 1;
    const session: Session = {
      state,
      epoch,
      claimedAt: this.world.now,
      sentAt: new Map(),
      isCancelled: false,
      effect: null,
      facts: null,
    };
    const plan = this.plan(session, [claim]);
    const entries = [claim, ...plan.entries];
    const written = this.place(session, entries);
    const after = fold(written, state);
    const isOver = plan.leaving !== null || isTerminal(after.status);
    const fate = this.chance(12);
    if (fate === 1) return this.die();
    const change = {
      epoch,
      owner: isOver ? null : this.id,
      wakeAt: isTerminal(after.status) ? null : (plan.leaving?.wake ?? null),
      head: headOf(after),
    };
    if (!this.world.append({ epoch: run.epoch, seq: run.seq, owner: run.owner }, written, change)) return;
    if (fate === 2) return this.die();
    session.state = after;
    session.effect = plan.effect;
    this.session = plan.effect ? session : null;
  }

  private admit(state: RunState): NewEntry | undefined {
    const { run, alive, now } = this.world;
    const resumed = (cause: EntryData['run.resumed']['cause'], from: string | null = null): NewEntry => ({
      type: 'run.resumed',
      data: { worker: this.id, cause, from },
    });
    if (run.owner !== null)
      return run.owner !== this.id && alive.has(run.owner) ? undefined : resumed('takeover', run.owner);
    if (state.status === 'queued') {
      if (run.wakeAt === null) return undefined;
      if (state.startedAt !== null) return resumed('handed_back');
      return { type: 'run.started', data: { worker: this.id, agentVersion: 1 } };
    }
    const isDue = state.isDecided || (run.wakeAt !== null && run.wakeAt <= now);
    return isDue ? resumed(state.reason ?? 'retry') : undefined;
  }

  private plan(session: Session, facts: readonly NewEntry[]): Plan {
    const entries: NewEntry[] = [];
    const delayMs = Math.max(0, ...facts.map((fact) => (fact.type === 'run.retrying' ? fact.data.delayMs : 0)));
    for (;;) {
      const state = fold(this.place(session, [...facts, ...entries]), session.state);
      if (isTerminal(state.status)) return { entries, effect: null, leaving: null };
      if (this.isLeaving && !state.isCancelRequested) return handBack(unsentOf(state, session.sentAt), entries);
      const move = nextMove(state, { maxSteps: MAX_STEPS });
      const plan = this.follow(move, state, entries, delayMs);
      if (plan) return plan;
    }
  }

  private follow(move: Move, state: RunState, entries: NewEntry[], delayMs: number): Plan | undefined {
    const step = state.answer?.step ?? 0;
    const park = (): Plan => {
      const until = this.world.now + delayMs;
      entries.push({ type: 'run.waiting', data: { reason: 'retry', amount: delayMs, until } });
      return { entries, effect: null, leaving: { wake: until } };
    };
    switch (move.do) {
      case 'nothing':
        return { entries, effect: null, leaving: null };
      case 'cancel':
        entries.push({ type: 'run.cancelled', data: { by: null, undecided: undecidedOf(state) } });
        return undefined;
      case 'fail':
        entries.push(failed(move.code));
        return undefined;
      case 'finish':
        entries.push({ type: 'run.succeeded', data: { output: { text: '' } } });
        return undefined;
      case 'wait_for_review':
        entries.push({ type: 'run.waiting', data: { reason: 'review', amount: move.calls, until: null } });
        return { entries, effect: null, leaving: { wake: null } };
      case 'decide':
        entries.push(...this.decide(move.calls, step));
        return undefined;
      case 'work': {
        const doubtful = move.calls.filter(({ how }) => how === 'review');
        entries.push(...doubtful.map(({ call }) => review({ step, call: call.call }, call)));
        if (doubtful.length > 0) return undefined;
        if (delayMs > LONGEST_SLEEP_MS) return park();
        return { entries, effect: { kind: 'calls', step, calls: move.calls, delayMs }, leaving: null };
      }
      case 'call_model':
        if (delayMs > LONGEST_SLEEP_MS) return park();
        if (state.modelCall?.epoch !== state.epoch || state.modelCall.step !== move.step)
          entries.push(called(move, state));
        return { entries, effect: { kind: 'model', step: move.step, delayMs }, leaving: null };
    }
  }

  private decide(calls: readonly CallState[], step: number): NewEntry[] {
    const entries: NewEntry[] = [];
    let hasUnrepeatable = false;
    for (const { call, tool } of calls) {
      if (tool === 'unknown') entries.push(refused({ step, call }, 'tool_unknown'));
      else if (tool !== 'C' || !hasUnrepeatable) entries.push(intended(step, call, tool as IdempotencyClass));
      hasUnrepeatable ||= tool === 'C';
    }
    return entries;
  }

  private perform(session: Session, effect: Effect): readonly NewEntry[] {
    this.world.pass(1 + effect.delayMs);
    // Whoever is frozen longer than its lease sends nothing any more.
    if (!this.isGood || session.isCancelled) return [];
    if (effect.kind === 'model') return this.callModel(session, effect.step);
    const facts = effect.calls.flatMap((move) => this.tools.call(session, effect.step, move));
    const isTimedOut = this.chance(40) === 1 && !facts.some(({ type }) => type === 'review.requested');
    return isTimedOut ? [...facts, failed('run_timeout')] : facts;
  }

  private callModel(session: Session, step: number): NewEntry[] {
    const outcome = this.chance(8);
    const retry = (session.state.modelCall?.retries ?? 0) + 1;
    if (outcome === 1 && retry < TRIES) return [retryingModel(step, retry, NAP_MS)];
    if (outcome === 2 && retry < TRIES) return [retryingModel(step, retry, LONGEST_SLEEP_MS + 1)];
    if (outcome === 3 && this.chance(4) === 1) return [failed('llm_auth')];
    return [answered(step, outcome === 4 ? null : (this.script[step - 1] ?? []))];
  }

  private settle(session: Session, facts: readonly NewEntry[]): void {
    const { world } = this;
    if (facts.length === 0) {
      if (world.run.epoch !== session.epoch) return this.lose();
      session.state = world.state;
    }
    const plan = this.plan(session, facts);
    const entries = [...facts, ...plan.entries];
    const fate = this.chance(12);
    if (fate === 1) return this.die();
    if (entries.length > 0 && !this.write(session, entries, plan.leaving)) {
      if (world.run.epoch !== session.epoch) return this.lose();
      // Somebody decided something meanwhile: it is folded in, and what follows is planned anew.
      session.state = world.state;
      return undefined;
    }
    if (fate === 2) return this.die();
    session.facts = null;
    session.effect = plan.effect;
    if (!plan.effect || !this.isGood) this.session = null;
    return undefined;
  }

  private write(session: Session, entries: readonly NewEntry[], leaving: Leaving): boolean {
    const written = this.place(session, entries);
    const after = fold(written, session.state);
    const isOver = leaving !== null || isTerminal(after.status);
    const change = {
      head: headOf(after),
      wakeAt: isTerminal(after.status) ? null : (leaving?.wake ?? null),
      ...(isOver && { owner: null }),
    };
    if (!this.world.append({ epoch: session.epoch, seq: session.state.seq }, written, change)) return false;
    session.state = after;
    return true;
  }

  private lose(): void {
    this.session = null;
  }

  private place({ state, epoch }: Session, entries: readonly NewEntry[]): JournalEntry[] {
    return numbered(entries, { seq: state.seq, at: this.world.now, epoch, batch: this.id });
  }
}

function handBack(unsent: readonly number[], before: readonly NewEntry[]): Plan {
  const entry: NewEntry = { type: 'run.queued', data: { reason: 'handed_back', position: 0, unsent } };
  return { entries: [...before, entry], effect: null, leaving: { wake: 0 } };
}
