import { setTimeout as wait } from 'node:timers/promises';
import type { Finish, Json, ModelAnswer, ToolCall, Usage } from '@flowmate/domain';
import { ModelAbortedError, ModelError } from '../model.errors.js';
import type { ModelCall, ModelPort, ModelRequest } from '../model-port.js';
import { usageOf } from '../tokens.js';

export interface ScriptedCall {
  /** Unique in its answer; `call_<n>` when nothing is said. */
  readonly id?: string;
  readonly tool: string;
  /** Text goes out as it is, JSON or not. */
  readonly args?: Json;
}

/** One answer, or one failure. */
export interface ScriptedStep {
  readonly text?: string;
  readonly calls?: readonly ScriptedCall[];
  readonly finish?: Finish;
  /** Before the first word. */
  readonly delayMs?: number;
  /** Between two words. */
  readonly wordMs?: number;
  /** Thrown after the text has been streamed: a stream that breaks off. */
  readonly fail?: ModelError;
  readonly usage?: Partial<Usage>;
  /** What it calls itself, where that is not what was asked for. */
  readonly model?: string;
  /** Looks at the request; what it throws is what the call throws. */
  readonly expect?: (request: ModelRequest) => void;
}

/** Steps one after the other, or a function of the request that remembers nothing. */
export type Script = readonly ScriptedStep[] | ((request: ModelRequest) => ScriptedStep);

/** Words with the spaces before them, so that together they are the text again. */
const wordsOf = (text: string): readonly string[] => text.match(/\s*\S+\s*$|\s*\S+|\s+/g) ?? [];

/**
 * A model that says what it is told to. Steps are strict: one call too many throws, and `assertDone` throws when
 * something was left over or went wrong.
 */
export class ScriptedLlm implements ModelPort {
  readonly host = 'scripted';
  /** Every request, in order. */
  readonly requests: ModelRequest[] = [];
  private used = 0;
  private readonly problems: string[] = [];

  constructor(private readonly script: Script) {}

  async answer(request: ModelRequest, call: ModelCall): Promise<ModelAnswer> {
    if (call.signal.aborted) throw new ModelAbortedError();
    const step = this.next(request);
    step.expect?.(request);
    await pause(step.delayMs ?? 0, call.signal);
    for (const word of wordsOf(step.text ?? '')) {
      call.onText?.(word);
      // oxlint-disable-next-line no-await-in-loop -- words come one after the other
      await pause(step.wordMs ?? 0, call.signal);
    }
    if (step.fail) throw step.fail;
    return answerOf(step, request);
  }

  /** Throws unless every step was used and nothing unexpected was asked. */
  assertDone(): void {
    const left = typeof this.script === 'function' ? 0 : this.script.length - this.used;
    const problems = [...this.problems, ...(left > 0 ? [`${left} steps of the script were not used`] : [])];
    if (problems.length > 0) throw new Error(`The scripted model: ${problems.join('; ')}.`);
  }

  private next(request: ModelRequest): ScriptedStep {
    // A script of steps is of a test, which looks at them; a function may answer for months.
    if (typeof this.script === 'function') return this.script(request);
    this.requests.push(request);
    const step = this.script[this.used];
    if (!step) {
      const problem = `call ${this.requests.length} was not expected`;
      this.problems.push(problem);
      throw new Error(`The scripted model: ${problem}.`);
    }
    this.used += 1;
    return step;
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) throw new ModelAbortedError();
  if (ms === 0) return;
  try {
    await wait(ms, undefined, { signal });
  } catch {
    throw new ModelAbortedError();
  }
}

function answerOf(step: ScriptedStep, request: ModelRequest): ModelAnswer {
  const text = step.text ?? '';
  const calls = (step.calls ?? []).map(({ id, tool, args = {} }, at): ToolCall => ({
    id: id ?? `call_${at + 1}`,
    tool,
    args: typeof args === 'string' ? args : JSON.stringify(args),
  }));
  const written = text + calls.map(({ tool, args }) => tool + args).join('');
  const counted = { inputTokens: undefined, cachedTokens: undefined, outputTokens: undefined };
  return {
    text,
    calls,
    finish: step.finish ?? (calls.length > 0 ? 'calls' : 'stop'),
    usage: { ...usageOf(request, written, counted), ...step.usage },
    model: step.model ?? request.model,
  };
}
