import { setTimeout as delay } from 'node:timers/promises';
import { DomainError } from '@flowmate/domain';
import { limitOutput } from '../output/limit-output.js';
import { ToolFailure, type ToolEffect } from './tool-failure.js';
import { traitsOf, type Tool, type ToolContext, type ToolOutput } from './tool.js';

/**
 * A tool that is told to stop closes its socket at once and then knows best whether anything had left. One that
 * does not listen is not waited for longer than that.
 */
const LAST_WORD_MS = 100;

type Work<T> = (context: ToolContext) => Promise<T>;

/** The tool's own word, or after a moment ours. */
async function lastWord<T>(working: Promise<T>, stopped: ToolFailure): Promise<T> {
  const tooLong = delay(LAST_WORD_MS, undefined).then(() => {
    throw stopped;
  });
  return Promise.race([working, tooLong]);
}

/** Why a call was stopped, and what the tool knows of how far it had come. A definite answer at the last moment stays. */
function stoppedBy(stopped: ToolFailure, error: unknown): unknown {
  if (!(error instanceof ToolFailure)) return stopped;
  if (error.code !== 'tool_aborted') return error;
  const { code, message, isTransient } = stopped;
  return new ToolFailure(code, message, { effect: error.effect, isTransient, cause: error.cause });
}

/** Nobody knows what a tool did that threw something unforeseen. One that only reads did nothing, whatever it threw. */
function failureOf(error: unknown, effect: ToolEffect): ToolFailure {
  if (!(error instanceof ToolFailure)) {
    const isTransient = error instanceof DomainError && error.kind === 'unavailable';
    return new ToolFailure('tool_failed', 'The tool failed.', { effect, isTransient, cause: error });
  }
  if (error.effect === 'none' || effect === 'ambiguous') return error;
  const { code, message, isTransient, retryAfterMs, cause } = error;
  return new ToolFailure(code, message, { isTransient, retryAfterMs, cause });
}

/** Within the timeout of the manifest and the signal of the run, whether or not the tool listens to either. */
async function inTime<A, T>(tool: Tool<A>, context: ToolContext, effect: ToolEffect, work: Work<T>): Promise<T> {
  const { timeoutMs } = tool.manifest;
  const cutOff = new AbortController();
  const told = Promise.withResolvers<ToolFailure>();
  let stopped: ToolFailure | undefined;
  const stop = (failure: ToolFailure): void => {
    stopped = failure;
    told.resolve(failure);
    cutOff.abort(failure);
  };
  const onAbort = (): void => stop(new ToolFailure('tool_aborted', 'The call was given up.', { effect }));
  const late = `The tool took longer than ${timeoutMs / 1_000} s.`;
  const timer = setTimeout(() => stop(new ToolFailure('tool_timeout', late, { effect, isTransient: true })), timeoutMs);
  context.signal.addEventListener('abort', onAbort, { once: true });
  try {
    if (context.signal.aborted) throw new ToolFailure('tool_aborted', 'The call was given up.');
    const working = work({ ...context, signal: cutOff.signal });
    return await Promise.race([working, told.promise.then((failure) => lastWord(working, failure))]);
  } catch (error) {
    throw failureOf(stopped ? stoppedBy(stopped, error) : error, effect);
  } finally {
    clearTimeout(timer);
    context.signal.removeEventListener('abort', onAbort);
  }
}

/**
 * Runs a tool as its manifest says: in time, with an output that is text, clean and small. Rejects with a
 * `ToolFailure` and with nothing else.
 */
export async function runTool<A>(tool: Tool<A>, args: A, context: ToolContext): Promise<ToolOutput> {
  const effect = traitsOf(tool, args).class === 'R' ? 'none' : 'ambiguous';
  const output = await inTime(tool, context, effect, async (within) => tool.run(args, within));
  return limitOutput(output, tool.manifest);
}

/** Looks a call up by the marker it planted; undefined when it cannot be found. Only reads, so it may be repeated. */
export async function reconcileTool<A>(tool: Tool<A>, args: A, context: ToolContext): Promise<ToolOutput | undefined> {
  const output = await inTime(tool, context, 'none', async (within) => tool.reconcile?.(args, within));
  return output && limitOutput(output, tool.manifest);
}
