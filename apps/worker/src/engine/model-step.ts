import { outputProblems, retryDelayMs, type AgentVersion, type ModelAnswer, type NewEntry } from '@flowmate/domain';
import { ModelError, outcomeOf, type Breaker, type ModelPort } from '@flowmate/llm';
import { traceHeaders, withSpan } from '@flowmate/observability';
import type { CrashPoints } from './crash-point.js';
import { endedBadly } from './end-messages.js';
import type { Effect } from './plan.js';
import type { RunSession } from './run-session.js';
import type { TextStream } from './text-stream.js';

export interface ModelStepParts {
  readonly model: ModelPort;
  readonly breaker: Breaker;
  readonly maxRetries: number;
  readonly random: () => number;
  /** Monotonic; the one that the breaker goes by. */
  readonly now: () => number;
  readonly crashPoints: CrashPoints;
  readonly textStream: (session: RunSession, step: number) => TextStream;
}

/** A model that wants dozens of calls at once has lost its way; what is refused one by one is at most so many. */
const MAX_PROPOSED = 64;

/** Longer than a claim takes; a probe that is lost with it is made up for then. */
const ANNOUNCED_MS = 15_000;

/** What is known of the provider in this process: whether it is down, and how long it is not worth asking. */
export interface Provider {
  readonly isDown: boolean;
  readonly pauseMs: number;
}

const elapsed = (from: number): number => Math.round(performance.now() - from);

/** One call of the model, and what the journal says of it. */
export class ModelStep {
  private pausedUntil = Number.NEGATIVE_INFINITY;

  constructor(private readonly parts: ModelStepParts) {}

  get provider(): Provider {
    const { breaker, now } = this.parts;
    return { isDown: breaker.isOpen, pauseMs: Math.max(0, breaker.shutForMs, this.pausedUntil - now()) };
  }

  /** Whether somebody may claim a run to ask the provider. While that is down, nobody else does for the same probe. */
  announce(): boolean {
    const { isDown, pauseMs } = this.provider;
    if (!isDown) return true;
    if (pauseMs > 0) return false;
    this.pausedUntil = this.parts.now() + ANNOUNCED_MS;
    return true;
  }

  /** Facts, or none when the call was given up for a reason of ours. */
  async perform(
    { step, request }: Effect & { kind: 'model' },
    session: RunSession,
    agent: AgentVersion,
  ): Promise<NewEntry[]> {
    const { model, breaker, crashPoints } = this.parts;
    const admission = breaker.admit();
    if (!admission.admitted) {
      // One that is shut says itself for how long.
      if (!breaker.isOpen) this.pausedUntil = this.parts.now() + admission.retryInMs;
      return [];
    }
    const started = performance.now();
    const stream = this.parts.textStream(session, step);
    let said = '';
    try {
      const answer = await withSpan('model call', { model: request.model }, () =>
        model.answer(request, {
          signal: session.signal,
          onText: (delta) => {
            said += delta;
            stream.write(delta);
          },
          headers: { 'x-correlation-id': session.origin.correlationId, ...traceHeaders() },
        }),
      );
      breaker.report('ok', admission.ticket);
      this.pausedUntil = Number.NEGATIVE_INFINITY;
      crashPoints.pass('after-answer');
      return [await answered(answer, { session, agent, step, ms: elapsed(started) })];
    } catch (error) {
      if (!(error instanceof ModelError)) throw error;
      breaker.report(outcomeOf(error), admission.ticket);
      return await this.failed(error, session, { step, ms: elapsed(started), model: request.model, said });
    } finally {
      stream.end();
    }
  }

  private async failed(
    error: ModelError,
    session: RunSession,
    { step, ms, model, said }: { step: number; ms: number; model: string; said: string },
  ): Promise<NewEntry[]> {
    const ended = async (code: string): Promise<NewEntry[]> => {
      const half = said.trim() === '' ? null : await session.contents.keep(said);
      return [endedBadly(code, session, half)];
    };
    if (session.interruption === 'timed_out') return ended('run_timeout');
    if (session.signal.aborted) return [];
    if (error.nature === 'malformed') return [unusable(step, ms, model)];
    // A provider that is down is waited for, and no try is counted.
    if (error.nature === 'transient' && this.parts.breaker.isOpen) return [];
    const retry = (session.state.modelCall?.retries ?? 0) + 1;
    if (error.nature !== 'transient' || retry > this.parts.maxRetries) return ended(error.code);
    const delayMs = retryDelayMs(retry, this.parts.random(), error.retryAfterMs);
    const common = { of: 'model', step, call: null, effect: 'none', settleMs: null } as const;
    return [{ type: 'run.retrying', data: { ...common, attempt: retry + 1, code: error.code, ms, delayMs } }];
  }
}

/** An answer of which nothing can be read: asked for again once. */
const unusable = (step: number, ms: number, model: string): NewEntry => ({
  type: 'model.answered',
  data: {
    step,
    text: { text: '' },
    calls: [],
    finish: 'stop',
    model,
    usage: { inputTokens: 0, cachedTokens: 0, outputTokens: 0, costMicros: 0 },
    ms,
    problem: 'llm_invalid_tool_call',
  },
});

async function answered(
  answer: ModelAnswer,
  { session, agent, step, ms }: { session: RunSession; agent: AgentVersion; step: number; ms: number },
): Promise<NewEntry> {
  const { contents } = session;
  const problem = problemOf(answer, agent);
  const proposed = problem === null ? answer.calls : [];
  const calls = [];
  // oxlint-disable-next-line no-await-in-loop -- in order: how much fits into the journal depends on what came before
  for (const { id, tool, args } of proposed) calls.push({ id, tool, args: await contents.keep(args) });
  const text = await contents.keep(answer.text);
  const { finish, model, usage } = answer;
  return { type: 'model.answered', data: { step, text, calls, finish, model, usage, ms, problem } };
}

/** What makes a whole answer unusable all the same. */
function problemOf({ text, calls, finish }: ModelAnswer, { output }: AgentVersion): string | null {
  if (calls.length > MAX_PROPOSED) return 'llm_invalid_tool_call';
  if (calls.length > 0 || finish !== 'stop' || !output) return null;
  try {
    return outputProblems(JSON.parse(text), output).length === 0 ? null : 'output_invalid';
  } catch {
    return 'output_invalid';
  }
}
