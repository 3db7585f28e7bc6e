import type { EntryData, EntryType, JournalEntry } from './journal-entry.js';
import { isParallel, type CallState, type Effect, type RunState } from './run-state.js';

type Change = Partial<Pick<RunState, 'answer' | 'effects'>>;
type Place = { readonly step: number; readonly call: number };

const doubtful = { isAmbiguous: true, mayHaveHappened: true } as const;

/** Released: certainly not under way since; whoever claims the run next may send it. */
const released = (call: CallState): CallState => ({ ...call, outEpoch: 0 });

const everyCall = (state: RunState, change: (call: CallState) => CallState): Change =>
  state.answer ? { answer: { ...state.answer, calls: state.answer.calls.map(change) } } : {};

function oneCall(state: RunState, place: Place, change: (call: CallState) => CallState): Change {
  if (state.answer?.step !== place.step) return {};
  return everyCall(state, (call) => (call.call === place.call && call.phase !== 'done' ? change(call) : call));
}

const withIntent = (state: RunState, intent: number, change: (call: CallState) => CallState): Change =>
  everyCall(state, (call) => (call.intent === intent && intent > 0 ? change(call) : call));

const callOf = (state: RunState, place: Place): CallState | undefined =>
  state.answer?.step === place.step ? state.answer.calls[place.call] : undefined;

/** A result closes a call. A call that failed did nothing, unless one of its earlier tries may have. */
function finished(state: RunState, place: Place, happened: boolean): Change {
  const { intent = 0, mayHaveHappened = false } = callOf(state, place) ?? {};
  const effects = state.effects.flatMap((effect) => {
    if (intent === 0 || effect.intent !== intent) return [effect];
    if (happened) return [{ ...effect, isCertain: true }];
    return mayHaveHappened ? [effect] : [];
  });
  return { ...oneCall(state, place, (call) => ({ ...call, phase: 'done' })), effects };
}

const isIntended = (call: CallState): boolean => call.phase === 'intended';

/**
 * Who claims a run answers for its open intents. Calls that are not all reads are sent in order, each after the result
 * of the one before is committed: whatever stands behind the first open one has not left.
 */
function claimedCall(state: RunState, entry: JournalEntry): (call: CallState) => CallState {
  const { epoch } = entry;
  const isParkOver = entry.type === 'run.resumed' && entry.data.cause === 'retry';
  const first = state.answer?.calls.find(isIntended);
  const isInOrder = state.answer !== null && !isParallel(state.answer);
  return (call) => {
    if (!isIntended(call)) return call;
    const hasNotLeft = call.outEpoch === 0 || (isInOrder && call !== first);
    return { ...call, ...(hasNotLeft && { outEpoch: epoch }), isSettled: call.settleMs !== null && isParkOver };
  };
}

type Fold = {
  readonly [T in EntryType]?: (state: RunState, data: EntryData[T], entry: JournalEntry) => Change;
};

const FOLD: Fold = {
  'tool.intended': (state, data, { seq, epoch }) => {
    if (callOf(state, data)?.phase !== 'proposed') return {};
    const intended = { phase: 'intended', intent: seq, class: data.class, key: data.key, outEpoch: epoch } as const;
    const effect: Effect = { intent: seq, tool: data.tool, risk: data.risk, isCertain: false };
    return {
      ...oneCall(state, data, (call) => ({ ...call, ...intended })),
      effects: data.class === 'R' ? state.effects : [...state.effects, effect],
    };
  },
  'tool.succeeded': (state, data) => finished(state, data, true),
  'tool.failed': (state, data) => finished(state, data, false),
  // Not there, or may be repeated: the owner of this epoch sends it from here on.
  'tool.reconciled': (state, data, { epoch }) => {
    const doubts = { again: doubtful, found: {}, absent: { isAmbiguous: false, mayHaveHappened: false } };
    const doubt = doubts[data.how];
    return oneCall(state, data, (call) => ({ ...call, ...doubt, outEpoch: epoch, settleMs: null, isSettled: false }));
  },
  'run.retrying': (state, { of, step, call, effect, settleMs }) => {
    if (of !== 'tool' || call === null) return {};
    return oneCall(state, { step, call }, (found) => ({
      ...found,
      retries: found.retries + 1,
      ...(effect === 'ambiguous' && doubtful),
      settleMs: effect === 'ambiguous' ? settleMs : null,
      isSettled: false,
    }));
  },
  // Who parks a run has nothing under way; only what may still be found there is left open.
  'run.waiting': (state) =>
    everyCall(state, (call) => (isIntended(call) && call.settleMs === null ? released(call) : call)),
  'run.queued': (state, { unsent }) =>
    everyCall(state, (call) => (isIntended(call) && unsent.includes(call.intent) ? released(call) : call)),
  'run.started': (state, _data, entry) => everyCall(state, claimedCall(state, entry)),
  'run.resumed': (state, _data, entry) => everyCall(state, claimedCall(state, entry)),
  'review.requested': (state, { intent }) =>
    withIntent(state, intent, (call) => (isIntended(call) ? { ...call, ...doubtful, phase: 'review' } : call)),
  'review.decided': (state, { intent, decision }) => {
    const isDone = decision === 'done';
    const decided = withIntent(state, intent, (call) => {
      if (call.phase !== 'review') return call;
      return isDone
        ? { ...call, phase: 'done' }
        : { ...released(call), phase: 'intended', retries: 0, isAmbiguous: false, settleMs: null };
    });
    const certain = (effect: Effect): Effect => (effect.intent === intent ? { ...effect, isCertain: true } : effect);
    return isDone ? { ...decided, effects: state.effects.map(certain) } : decided;
  },
};

/** What an entry does to the calls of the answer, and to what is known about their effects. */
export function foldCalls(state: RunState, entry: JournalEntry): Change {
  // The table has the function of this very type.
  const change = FOLD[entry.type] as ((state: RunState, data: unknown, entry: JournalEntry) => Change) | undefined;
  return change?.(state, entry.data, entry) ?? {};
}
