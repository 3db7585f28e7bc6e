import type { Decider, JournalEntry } from './journal-entry.js';
import type { RunHead } from './run-head.js';
import type { RunKind, RunTrigger } from './run-status.js';

/** The version of journal that this code writes and understands; a worker claims nothing that needs a later one. */
export const JOURNAL_VERSION = 1;

/** What a run is from its first moment and stays. */
export interface RunOrigin {
  readonly id: string;
  readonly workspaceId: string;
  readonly kind: RunKind;
  readonly agentId: string;
  readonly agentVersion: number;
  readonly trigger: RunTrigger;
  /** Who started it; `userId` is the person behind a key. */
  readonly startedBy: Decider & { readonly userId: string };
  readonly externalId: string | null;
  /** The run that this one does again. */
  readonly retryOf: string | null;
  readonly correlationId: string;
  readonly traceparent: string | null;
  readonly input: string;
  /** Time at work, at most. */
  readonly timeoutMs: number;
  readonly rootId: string;
  readonly parentId: string | null;
  readonly index: number | null;
  /** When the root run was accepted: who waits longest is next. */
  readonly rank: number;
  /** Wall clock, for runs that must end by a time. */
  readonly deadlineAt: number | null;
  readonly needsVersion: number;
  readonly createdAt: number;
}

/** Where a run stands: what every append is guarded by. */
export interface RunPlace {
  readonly id: string;
  readonly epoch: number;
  readonly seq: number;
}

/** A run as it is stored. */
export interface Run extends RunOrigin, RunPlace {
  readonly owner: string | null;
  /** When somebody must look at it, by the clock of the store. */
  readonly wakeAt: number | null;
  /** Of the journal, roughly. */
  readonly bytes: number;
  readonly head: RunHead;
  readonly journal: readonly JournalEntry[];
}
