import type { Finish, Usage } from '../model/model-answer.js';
import type { IdempotencyClass, Policy, PolicyRule, Risk } from '../tool/tool-traits.js';
import type { RunStatus, WaitReason } from './run-status.js';

/** A text of a run: in the entry itself, or in a payload of its own because it is long. */
export type Content = { readonly text: string } | { readonly ref: string; readonly bytes: number };

/** Where the text of a tool came from, for what it may be trusted with. */
export const SOURCE_LABELS = ['plain', 'private', 'untrusted'] as const;
export type SourceLabel = (typeof SOURCE_LABELS)[number];

/** Why a run that had an owner, or waited, is taken up again. A takeover is from a worker that was lost. */
export const RESUME_CAUSES = [
  'takeover',
  'handed_back',
  'retry',
  'review',
  'approval',
  'children',
  'connection',
  'budget',
] as const;
export type ResumeCause = (typeof RESUME_CAUSES)[number];

export interface ProposedCall {
  readonly id: string;
  readonly tool: string;
  readonly args: Content;
}

/** A person or a program, by the id of its account. */
export interface Decider {
  readonly kind: 'user' | 'key' | 'operator' | 'system';
  readonly id: string;
}

interface CallPlace {
  readonly step: number;
  /** Its place in the answer, from 0. */
  readonly call: number;
}

/**
 * What an entry says, by its type. Everything a reader needs to explain the run later is in here, as numbers and
 * closed words; durations are measured by who waited, never computed from two clocks.
 */
export interface EntryData {
  /** `position` counts the runs of the workspace before this one; 0 when a bell was rung at once. `unsent`: intents that nothing was sent for. */
  'run.queued': {
    readonly reason: 'accepted' | 'handed_back';
    readonly position: number;
    readonly unsent: readonly number[];
  };
  'run.started': { readonly worker: string; readonly agentVersion: number };
  'run.resumed': { readonly worker: string; readonly cause: ResumeCause; readonly from: string | null };
  /** A try failed and another follows after `delayMs`. `settleMs`: how long a lookup may still find what was sent. */
  'run.retrying': {
    readonly of: 'model' | 'tool';
    readonly step: number;
    readonly call: number | null;
    readonly attempt: number;
    readonly code: string;
    readonly effect: 'none' | 'ambiguous';
    readonly ms: number;
    readonly delayMs: number;
    readonly settleMs: number | null;
  };
  /** `amount` says how much: milliseconds, calls to be reviewed, children, micro-dollars. */
  'run.waiting': { readonly reason: WaitReason; readonly amount: number; readonly until: number | null };
  'run.forked': { readonly from: string; readonly seq: number };
  'plan.made': {
    readonly tasks: ReadonlyArray<{
      readonly agentId: string;
      readonly task: Content;
      readonly dependsOn: readonly number[];
      readonly required: boolean;
    }>;
  };
  'child.started': { readonly index: number; readonly runId: string };
  'child.finished': { readonly index: number; readonly runId: string; readonly status: RunStatus; readonly ms: number };
  /** Its context is the input and every answer and result up to `upTo`, without those in `omitted`. */
  'model.called': {
    readonly step: number;
    readonly model: string;
    readonly upTo: number;
    readonly omitted: readonly number[];
    readonly isRepair: boolean;
    readonly worstMicros: number;
  };
  /** `problem`: the code of what makes the answer unusable; none of its calls is run then. */
  'model.answered': {
    readonly step: number;
    readonly text: Content;
    readonly calls: readonly ProposedCall[];
    readonly finish: Finish;
    readonly model: string;
    readonly usage: Usage;
    readonly ms: number;
    readonly problem: string | null;
  };
  'tool.intended': CallPlace & {
    readonly tool: string;
    readonly risk: Risk;
    readonly class: IdempotencyClass;
    readonly rule: PolicyRule;
    readonly decision: Policy;
    readonly taint: readonly number[];
    readonly manifest: string;
    readonly argsHash: string;
    readonly key: string;
  };
  'tool.succeeded': CallPlace & {
    readonly output: Content;
    readonly isTruncated: boolean;
    readonly label: SourceLabel;
    readonly ms: number;
  };
  /** A call that was tried and failed, or (without an intent) one that was refused to the model. */
  'tool.failed': CallPlace & { readonly code: string; readonly message: string; readonly ms: number };
  /** What became of an intent that nobody knew the end of. After `absent` it is sent again. */
  'tool.reconciled': CallPlace & { readonly how: 'again' | 'found' | 'absent'; readonly ms: number };
  'review.requested': CallPlace & { readonly intent: number; readonly code: string };
  'review.decided': {
    readonly intent: number;
    readonly decision: 'done' | 'again';
    readonly by: Decider;
    readonly result: Content | null;
  };
  'approval.requested': CallPlace & { readonly argsHash: string; readonly expiresAt: number };
  'approval.decided': CallPlace & {
    readonly decision: 'approved' | 'edited' | 'rejected' | 'expired';
    readonly by: Decider;
    readonly args: Content | null;
    readonly why: string | null;
  };
  'budget.reserved': { readonly step: number; readonly micros: number; readonly tokens: number };
  'budget.settled': { readonly step: number; readonly micros: number; readonly tokens: number };
  'run.cancel_requested': { readonly by: Decider };
  'run.succeeded': { readonly output: Content };
  'run.partial': { readonly code: string; readonly output: Content };
  /** `undecided`: intents of which nobody knows whether they took effect; left out when there are none. */
  'run.failed': {
    readonly code: string;
    readonly message: string;
    readonly output: Content | null;
    readonly undecided?: readonly number[];
  };
  'run.cancelled': { readonly by: Decider | null; readonly undecided: readonly number[] };
}

export type EntryType = keyof EntryData;

/** An entry before it has its place in a journal. */
export type NewEntry = { readonly [T in EntryType]: { readonly type: T; readonly data: EntryData[T] } }[EntryType];

/** One line of a journal. `at` is the writer's clock; `batch` names the append that brought it. */
export type JournalEntry = NewEntry & {
  readonly seq: number;
  readonly at: number;
  readonly epoch: number;
  readonly batch: string;
};

export const ENTRY_TYPES = [
  'run.queued',
  'run.started',
  'run.resumed',
  'run.retrying',
  'run.waiting',
  'run.forked',
  'plan.made',
  'child.started',
  'child.finished',
  'model.called',
  'model.answered',
  'tool.intended',
  'tool.succeeded',
  'tool.failed',
  'tool.reconciled',
  'review.requested',
  'review.decided',
  'approval.requested',
  'approval.decided',
  'budget.reserved',
  'budget.settled',
  'run.cancel_requested',
  'run.succeeded',
  'run.partial',
  'run.failed',
  'run.cancelled',
] as const satisfies readonly EntryType[];

/** Gives entries their places after `seq`. */
export function numbered(
  entries: readonly NewEntry[],
  after: { readonly seq: number; readonly at: number; readonly epoch: number; readonly batch: string },
): JournalEntry[] {
  const { seq, ...common } = after;
  return entries.map((entry, index) => ({ ...entry, ...common, seq: seq + index + 1 }));
}
