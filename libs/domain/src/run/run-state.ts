import { NO_USAGE, type Usage } from '../model/model-answer.js';
import type { IdempotencyClass, Risk } from '../tool/tool-traits.js';
import type { EntryType } from './journal-entry.js';
import type { RunStatus, WaitReason } from './run-status.js';

/** One call of the answer that is being worked on. */
export interface CallState {
  readonly call: number;
  readonly tool: string;
  readonly phase: 'proposed' | 'intended' | 'review' | 'done';
  /** Seq of the intent; 0 without one. */
  readonly intent: number;
  readonly class: IdempotencyClass | null;
  readonly key: string;
  /** The epoch in which it may have left; 0 when it certainly has not since it was last decided. */
  readonly outEpoch: number;
  readonly retries: number;
  /** One of its tries may have taken effect, as far as it has not been decided since. */
  readonly isAmbiguous: boolean;
  /** The same, whatever a person said of it: that it failed at last does not mean that nothing happened. */
  readonly mayHaveHappened: boolean;
  /** Set while a lookup may still find it: how long from its last sending. */
  readonly settleMs: number | null;
  /** That time has passed since: what is not found now was not done. */
  readonly isSettled: boolean;
}

/** The answer that is being worked on, or was the last one. */
export interface AnswerState {
  readonly seq: number;
  readonly step: number;
  readonly calls: readonly CallState[];
}

/** A call of the model that has no answer yet. */
export interface OpenModelCall {
  readonly seq: number;
  /** Of the worker that sent it. */
  readonly epoch: number;
  readonly step: number;
  readonly retries: number;
}

/** A call that committed something, or may have. */
export interface Effect {
  readonly intent: number;
  readonly tool: string;
  readonly risk: Risk;
  readonly isCertain: boolean;
}

/** Everything a journal says at one place in it. The fold makes it; nothing else does. */
export interface RunState {
  readonly seq: number;
  readonly epoch: number;
  readonly status: RunStatus;
  readonly reason: WaitReason | null;
  readonly until: number | null;
  /** Number of the step that runs or ran last; a step is one answer and its calls. */
  readonly step: number;
  readonly modelCall: OpenModelCall | null;
  readonly answer: AnswerState | null;
  readonly usage: Usage;
  readonly modelCalls: number;
  readonly toolCalls: number;
  readonly retries: number;
  /** Time at work: waiting does not count. */
  readonly activeMs: number;
  readonly crashes: number;
  readonly hasResultSinceClaim: boolean;
  /** Answers in a row that could not be used. */
  readonly badInRow: number;
  readonly isBadStep: boolean;
  readonly lastProblem: string | null;
  /** Calls in a row to tools that do not exist. */
  readonly unknownInRow: number;
  /** How often each tool was meant to be called with the same arguments. */
  readonly repeats: Readonly<Record<string, number>>;
  readonly effects: readonly Effect[];
  readonly openReviews: readonly number[];
  readonly isCancelRequested: boolean;
  /** Set when a waiting run has what it waited for. */
  readonly isDecided: boolean;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  readonly end: { readonly seq: number; readonly type: EntryType; readonly code: string | null } | null;
}

/** Reads may run side by side; anything else in an answer has all its calls sent one after the other. */
export const isParallel = ({ calls }: AnswerState): boolean =>
  calls.every((call) => call.class === null || call.class === 'R');

/** Intents of which nobody knows whether they took effect. What stands behind the first open call has not left. */
export function undecidedOf({ answer, effects }: RunState): number[] {
  const open = answer?.calls.filter(({ phase }) => phase === 'intended' || phase === 'review') ?? [];
  const hasNotLeft = ({ outEpoch, mayHaveHappened }: CallState, place: number): boolean =>
    !mayHaveHappened && (place > 0 || outEpoch === 0);
  const unsent = new Set(open.filter(hasNotLeft).map(({ intent }) => intent));
  return effects.filter(({ isCertain, intent }) => !isCertain && !unsent.has(intent)).map(({ intent }) => intent);
}

/** Before the first entry. */
export const NO_RUN: RunState = {
  seq: 0,
  epoch: 0,
  status: 'queued',
  reason: null,
  until: null,
  step: 0,
  modelCall: null,
  answer: null,
  usage: NO_USAGE,
  modelCalls: 0,
  toolCalls: 0,
  retries: 0,
  activeMs: 0,
  crashes: 0,
  hasResultSinceClaim: false,
  badInRow: 0,
  isBadStep: false,
  lastProblem: null,
  unknownInRow: 0,
  repeats: {},
  effects: [],
  openReviews: [],
  isCancelRequested: false,
  isDecided: false,
  startedAt: null,
  endedAt: null,
  end: null,
};
