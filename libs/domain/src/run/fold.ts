import { addUsage } from '../model/model-answer.js';
import { foldCalls } from './fold-calls.js';
import type { EntryData, EntryType, JournalEntry } from './journal-entry.js';
import { NO_RUN, type RunState } from './run-state.js';
import { isTerminal } from './run-status.js';
import { isEnd, isResult, statusAfter } from './transitions.js';

type Change = Partial<RunState>;
type Fold = { readonly [T in EntryType]?: (state: RunState, data: EntryData[T], entry: JournalEntry) => Change };

/** A claim makes a worker answer for what is open: calls that were released are out again with it. */
const claimed = (state: RunState, isCrash: boolean): Change => ({
  hasResultSinceClaim: false,
  crashes: isCrash && !state.hasResultSinceClaim ? state.crashes + 1 : isCrash ? 0 : state.crashes,
  reason: null,
  until: null,
  isDecided: false,
});

const FOLD: Fold = {
  'run.started': (state, _data, { at }) => ({ ...claimed(state, false), startedAt: state.startedAt ?? at }),
  'run.resumed': (state, { cause }, { at }) => ({
    ...claimed(state, cause === 'takeover'),
    startedAt: state.startedAt ?? at,
  }),
  'run.retrying': (state, { of, step, ms }) => ({
    retries: state.retries + 1,
    activeMs: state.activeMs + ms,
    ...(of === 'model' &&
      state.modelCall?.step === step && { modelCall: { ...state.modelCall, retries: state.modelCall.retries + 1 } }),
  }),
  'run.waiting': (_state, { reason, until }) => ({ reason, until }),
  'model.called': (state, { step }, { seq, epoch }) => {
    const isNew = step !== state.step;
    const retries = state.modelCall?.step === step ? state.modelCall.retries : 0;
    return {
      step,
      modelCall: { seq, epoch, step, retries },
      modelCalls: state.modelCalls + 1,
      ...(isNew && { isBadStep: false, badInRow: state.isBadStep ? state.badInRow : 0 }),
    };
  },
  'model.answered': (state, { step, calls, usage, ms, problem }, { seq }) => ({
    modelCall: null,
    usage: addUsage(state.usage, usage),
    activeMs: state.activeMs + ms,
    ...(problem === null
      ? {
          answer: {
            seq,
            step,
            calls: calls.map(({ tool }, call) => ({
              call,
              tool,
              phase: 'proposed' as const,
              intent: 0,
              class: null,
              key: '',
              outEpoch: 0,
              retries: 0,
              isAmbiguous: false,
              mayHaveHappened: false,
              settleMs: null,
              isSettled: false,
            })),
          },
        }
      : { badInRow: state.badInRow + 1, isBadStep: true, lastProblem: problem }),
  }),
  'tool.intended': (state, { tool, argsHash }) => {
    const name = `${tool} ${argsHash}`;
    return {
      repeats: { ...state.repeats, [name]: (state.repeats[name] ?? 0) + 1 },
      unknownInRow: 0,
    };
  },
  'tool.succeeded': (state, { ms }) => ({ toolCalls: state.toolCalls + 1, activeMs: state.activeMs + ms }),
  'tool.failed': (state, { code, ms }) => ({
    toolCalls: state.toolCalls + 1,
    activeMs: state.activeMs + ms,
    unknownInRow: code === 'tool_unknown' ? state.unknownInRow + 1 : 0,
    ...(code === 'tool_args_invalid' &&
      !state.isBadStep && { isBadStep: true, badInRow: state.badInRow + 1, lastProblem: 'llm_invalid_tool_call' }),
  }),
  'tool.reconciled': (state, { ms }) => ({ activeMs: state.activeMs + ms }),
  'review.requested': (state, { intent }) => ({ openReviews: [...state.openReviews, intent] }),
  'review.decided': (state, { intent }) => {
    const openReviews = state.openReviews.filter((seq) => seq !== intent);
    return { openReviews, isDecided: state.openReviews.length > 0 && openReviews.length === 0 };
  },
  'approval.decided': () => ({ isDecided: true }),
  'run.cancel_requested': () => ({ isCancelRequested: true }),
};

const codeOf = (entry: JournalEntry): string | null => ('code' in entry.data ? entry.data.code : null);

/** What an end leaves: nothing is open any more. */
const ended = (entry: JournalEntry): Change => ({
  reason: null,
  until: null,
  modelCall: null,
  openReviews: [],
  isDecided: false,
  endedAt: entry.at,
  end: { seq: entry.seq, type: entry.type, code: codeOf(entry) },
});

/** The state one entry later. Total: an entry that can't be here counts in `seq` and changes nothing else. */
export function foldEntry(state: RunState, entry: JournalEntry): RunState {
  const place = { seq: entry.seq, epoch: Math.max(state.epoch, entry.epoch) };
  const status = statusAfter(state.status, state.seq, entry.type);
  if (status === undefined) return isTerminal(state.status) ? { ...state, seq: entry.seq } : { ...state, ...place };
  // The table has the function of this very type.
  const change = FOLD[entry.type] as ((state: RunState, data: unknown, entry: JournalEntry) => Change) | undefined;
  const next: RunState = { ...state, ...change?.(state, entry.data, entry), ...place, status };
  const withCalls: RunState = { ...next, ...foldCalls(next, entry) };
  if (isEnd(entry.type)) return { ...withCalls, ...ended(entry) };
  return isResult(entry.type) ? { ...withCalls, hasResultSinceClaim: true, crashes: 0 } : withCalls;
}

/** What a journal says. Folding a part and then the rest is folding the whole. */
export const fold = (entries: readonly JournalEntry[], from: RunState = NO_RUN): RunState =>
  entries.reduce(foldEntry, from);
