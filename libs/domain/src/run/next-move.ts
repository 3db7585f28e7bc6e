import { isParallel, type CallState, type RunState } from './run-state.js';
import { isTerminal } from './run-status.js';

/** How an open call goes on: send it, send it again, look whether it is there, or ask a person. */
export type CallMove = { readonly call: CallState; readonly how: 'send' | 'again' | 'look_up' | 'review' };

export type Move =
  | { readonly do: 'nothing' }
  | { readonly do: 'cancel' }
  | { readonly do: 'fail'; readonly code: string }
  | { readonly do: 'wait_for_review'; readonly calls: number }
  | { readonly do: 'call_model'; readonly step: number; readonly isRepair: boolean }
  | { readonly do: 'decide'; readonly calls: readonly CallState[] }
  | { readonly do: 'work'; readonly calls: readonly CallMove[] }
  | { readonly do: 'finish' };

/** A run is given up at the third crash in a row: it is the run that kills its workers. */
export const MAX_CRASHES = 3;
/** One repair: the second answer in a row that cannot be used ends the run. */
const MAX_BAD = 2;
/** A model that names tools that do not exist three times in a row will not find one. */
const MAX_UNKNOWN = 3;

/**
 * What a worker has to do next, from the journal alone. A resume is this and nothing else: there is no second code
 * path for what a crash left behind.
 */
export function nextMove(state: RunState, limits: { readonly maxSteps: number }): Move {
  if (isTerminal(state.status)) return { do: 'nothing' };
  if (state.isCancelRequested) return { do: 'cancel' };
  const code = hopeless(state);
  if (code !== undefined) return { do: 'fail', code };
  if (state.openReviews.length > 0) return { do: 'wait_for_review', calls: state.openReviews.length };
  const { answer, modelCall, step } = state;
  if (modelCall) return { do: 'call_model', step: modelCall.step, isRepair: state.isBadStep };
  const isCurrent = answer !== null && answer.step === step;
  if (isCurrent && answer.calls.length === 0) return { do: 'finish' };
  const open = isCurrent ? answer.calls.filter(({ phase }) => phase !== 'done') : [];
  // In order: what comes before the next that is sent is decided first.
  if (open[0]?.phase === 'proposed') return { do: 'decide', calls: open.filter(({ phase }) => phase === 'proposed') };
  if (open.length > 0)
    return work(
      state,
      open.filter(({ phase }) => phase === 'intended'),
    );
  if (step >= limits.maxSteps) return { do: 'fail', code: 'step_limit' };
  return { do: 'call_model', step: step + 1, isRepair: state.isBadStep };
}

function hopeless({ crashes, badInRow, lastProblem, unknownInRow }: RunState): string | undefined {
  if (crashes >= MAX_CRASHES) return 'run_crash_loop';
  if (badInRow >= MAX_BAD) return lastProblem ?? 'llm_invalid_tool_call';
  if (unknownInRow >= MAX_UNKNOWN) return 'tool_unknown';
  return undefined;
}

function work(state: RunState, intended: readonly CallState[]): Move {
  const now = state.answer && isParallel(state.answer) ? intended : intended.slice(0, 1);
  return { do: 'work', calls: now.map((call) => ({ call, how: howOf(call, state.epoch) })) };
}

function howOf(call: CallState, epoch: number): CallMove['how'] {
  const isOurs = call.outEpoch === epoch;
  if (isOurs && call.settleMs === null) return 'send';
  if (call.class === 'C') return 'review';
  return call.class === 'B' ? 'look_up' : 'again';
}
