import {
  LONGEST_SLEEP_MS,
  retryDelayMs,
  type CallMove,
  type CallState,
  type EntryData,
  type NewEntry,
} from '@flowmate/domain';
import { withSpan } from '@flowmate/observability';
import {
  parseArgs,
  reconcileTool,
  runTool,
  ToolFailure,
  type Tool,
  type ToolContext,
  type ToolOutput,
} from '@flowmate/tools';
import type { CrashPoints } from './crash-point.js';
import { answerOf } from './intents.js';
import type { Effect } from './plan.js';
import type { RunAgent } from './run-agent.js';
import type { RunSession } from './run-session.js';

export interface ToolStepParts {
  readonly maxRetries: number;
  readonly random: () => number;
  readonly crashPoints: CrashPoints;
  /** Whether anything may leave this process at this moment. */
  readonly mayAct: () => boolean;
}

interface Call {
  readonly session: RunSession;
  readonly tool: Tool;
  readonly args: unknown;
  readonly state: CallState;
  readonly place: { readonly step: number; readonly call: number };
  readonly context: ToolContext;
}

/** Lookups follow one another with growing pauses; a provider that cannot be looked at so often is left to a person. */
const MAX_LOOKUPS = 20;
/** A write that has left is waited for so long when somebody cancels; after that nobody knows. */
const LAST_CHANCE_MS = 3_000;

const elapsed = (from: number): number => Math.round(performance.now() - from);

/** The calls that were committed, and what the journal says of each. */
export class ToolStep {
  constructor(private readonly parts: ToolStepParts) {}

  /** Facts of the calls that came to something; a call that was given up before it left has none. */
  async perform(
    { calls, step }: Effect & { kind: 'calls' },
    session: RunSession,
    agent: RunAgent,
  ): Promise<NewEntry[]> {
    const facts = await Promise.all(calls.map((move) => this.one(move, step, { session, agent })));
    return facts.flat();
  }

  private async one(
    { call: state, how }: CallMove,
    step: number,
    { session, agent }: { session: RunSession; agent: RunAgent },
  ): Promise<NewEntry[]> {
    const place = { step, call: state.call };
    const tool = agent.tools.get(state.tool);
    const proposal = answerOf(session.journal, session.state.answer?.seq ?? 0)?.calls[state.call];
    // A tool that an update of FlowMate took away: what may have happened is for a person to say.
    if (!tool || !proposal) return state.class === 'R' ? [refused(place, 'tool_unknown')] : [review(place, state)];
    if (!this.parts.mayAct() || session.signal.aborted) return [];
    const args = parseArgs(tool, session.contents.textOf(proposal.args));
    const call = { session, tool, args, state, place, context: contextOf(session, state) };
    return withSpan(`tool ${state.tool}`, { tool: state.tool }, () =>
      how === 'look_up' ? this.lookUp(call) : this.send(call, how === 'again'),
    );
  }

  private async send(call: Call, isAgain: boolean): Promise<NewEntry[]> {
    const { session, tool, args, state, place } = call;
    const started = performance.now();
    session.sentAt.set(state.intent, started);
    const again: NewEntry[] = isAgain ? [{ type: 'tool.reconciled', data: { ...place, how: 'again', ms: 0 } }] : [];
    const guard = outlivingSignal(session, state);
    try {
      const output = await runTool(tool, args, { ...call.context, signal: guard.signal });
      this.parts.crashPoints.pass('after-effect');
      return [...again, await succeeded(call, output, elapsed(started))];
    } catch (error) {
      if (!(error instanceof ToolFailure)) throw error;
      if (error.effect === 'none') session.sentAt.delete(state.intent);
      if (guard.signal.aborted && error.code === 'tool_aborted') return this.givenUp(call, error, again);
      return [...again, this.failed(call, error, elapsed(started))];
    } finally {
      guard.release();
    }
  }

  /** Given up for a reason of ours. That a write has certainly not left is worth knowing when the run ends with it. */
  private givenUp(
    { session, state, place }: Call,
    { code, effect, message }: ToolFailure,
    again: NewEntry[],
  ): NewEntry[] {
    const isKnown = effect === 'none' && state.class !== 'R' && session.interruption === 'cancelled';
    return isKnown ? [...again, { type: 'tool.failed', data: { ...place, code, message, ms: 0 } }] : [];
  }

  private async lookUp(call: Call): Promise<NewEntry[]> {
    const { session, tool, args, place } = call;
    const started = performance.now();
    try {
      const found = await reconcileTool(tool, args, call.context);
      const ms = elapsed(started);
      if (found) {
        const reconciled: NewEntry = { type: 'tool.reconciled', data: { ...place, how: 'found', ms } };
        return [reconciled, await succeeded(call, found, 0)];
      }
      const leftMs = this.settleMsLeft(call);
      if (leftMs <= 0) return [{ type: 'tool.reconciled', data: { ...place, how: 'absent', ms } }];
      return [this.lookLater(call, { code: 'tool_settling', ms, leftMs })];
    } catch (error) {
      if (!(error instanceof ToolFailure)) throw error;
      if (session.signal.aborted) return [];
      const leftMs = Math.max(this.settleMsLeft(call), 1);
      const pauseMs = this.pauseMs(call, error.retryAfterMs);
      return [this.lookLater(call, { code: error.code, ms: elapsed(started), leftMs, pauseMs })];
    }
  }

  /** From its last sending by this worker, or from the claim: what a lost worker sent left before that. */
  private settleMsLeft({ session, tool, state }: Call): number {
    if (state.isSettled) return 0;
    const since = session.sentAt.get(state.intent) ?? session.claimedAt;
    return (tool.manifest.settleMs ?? 0) - (performance.now() - since);
  }

  private pauseMs({ state }: Call, retryAfterMs = 0): number {
    return retryDelayMs(state.retries + 1, this.parts.random(), retryAfterMs);
  }

  /** `pauseMs`: how long whoever is asked wants to be left alone; without it, until a look decides. */
  private lookLater(
    call: Call,
    { code, ms, leftMs, pauseMs = 0 }: { code: string; ms: number; leftMs: number; pauseMs?: number },
  ): NewEntry {
    const { place, state } = call;
    if (state.retries >= MAX_LOOKUPS) return review(place, state);
    const settleMs = Math.ceil(leftMs);
    // What is longer than a nap is slept elsewhere, and then for the whole of it.
    const lookMs = leftMs > LONGEST_SLEEP_MS ? settleMs : Math.min(this.pauseMs(call), settleMs + 1);
    const delayMs = Math.max(lookMs, pauseMs);
    return retrying(place, state, { code, ms, effect: 'ambiguous', delayMs, settleMs });
  }

  private failed(call: Call, failure: ToolFailure, ms: number): NewEntry {
    const { place, state } = call;
    const { code, effect, isTransient } = failure;
    const retry = state.retries + 1;
    const mayRetry = isTransient && retry <= this.parts.maxRetries;
    const delayMs = retryDelayMs(retry, this.parts.random(), failure.retryAfterMs);
    if (state.class === 'R' || effect === 'none') {
      if (mayRetry) return retrying(place, state, { code, ms, effect, delayMs, settleMs: null });
      const isInDoubt = state.isAmbiguous && isTransient;
      return isInDoubt
        ? review(place, state)
        : { type: 'tool.failed', data: { ...place, code, message: failure.message, ms } };
    }
    if (state.class === 'A' && mayRetry) return retrying(place, state, { code, ms, effect, delayMs, settleMs: null });
    if (state.class === 'B') return this.lookLater(call, { code, ms, leftMs: Math.max(this.settleMsLeft(call), 1) });
    return review(place, state);
  }
}

const contextOf = ({ id, origin, signal }: RunSession, { key }: CallState): ToolContext => ({
  workspaceId: origin.workspaceId,
  agentId: origin.agentId,
  runId: id,
  key,
  signal,
  correlationId: origin.correlationId,
});

/** Reads stop at once. A write that has left has some seconds more: better a late answer than none. */
function outlivingSignal(
  session: RunSession,
  { class: idempotency }: CallState,
): { signal: AbortSignal; release: () => void } {
  if (idempotency === 'R') return { signal: session.signal, release: () => undefined };
  const controller = new AbortController();
  const { signal } = session;
  let timer: NodeJS.Timeout | undefined;
  const onAbort = (): void => {
    // Whose lease is in doubt keeps what it has sent: its result is offered, and counts if nobody was faster.
    const isHurried = session.interruption === 'cancelled' || session.interruption === 'handed_back';
    if (isHurried) timer = setTimeout(() => controller.abort(), LAST_CHANCE_MS).unref();
  };
  signal.addEventListener('abort', onAbort, { once: true });
  return {
    signal: controller.signal,
    release: () => {
      signal.removeEventListener('abort', onAbort);
      clearTimeout(timer);
    },
  };
}

async function succeeded({ session, place }: Call, output: ToolOutput, ms: number): Promise<NewEntry> {
  const kept = await session.contents.keep(output.text);
  const { isTruncated = false, label } = output;
  return { type: 'tool.succeeded', data: { ...place, output: kept, isTruncated, label, ms } };
}

const refused = (place: Call['place'], code: string): NewEntry => ({
  type: 'tool.failed',
  data: { ...place, code, message: 'There is no such tool any more.', ms: 0 },
});

const review = (place: Call['place'], { intent }: CallState): NewEntry => ({
  type: 'review.requested',
  data: { ...place, intent, code: 'outcome_unknown' },
});

const retrying = (
  place: Call['place'],
  { retries }: CallState,
  why: Pick<EntryData['run.retrying'], 'code' | 'effect' | 'ms' | 'delayMs' | 'settleMs'>,
): NewEntry => ({ type: 'run.retrying', data: { of: 'tool', ...place, attempt: retries + 2, ...why } });
