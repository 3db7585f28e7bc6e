import type { Usage } from '../model/model-answer.js';
import type { RunState } from './run-state.js';
import type { RunStatus, WaitReason } from './run-status.js';

/** What lists, filters and counts need of a run without its journal: always what the fold says. */
export interface RunHead {
  readonly status: RunStatus;
  readonly reason: WaitReason | null;
  readonly until: number | null;
  readonly step: number;
  readonly usage: Usage;
  readonly modelCalls: number;
  readonly toolCalls: number;
  readonly retries: number;
  readonly activeMs: number;
  readonly crashes: number;
  readonly openReviews: readonly number[];
  readonly isCancelRequested: boolean;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  readonly endSeq: number | null;
  readonly code: string | null;
}

export const headOf = (state: RunState): RunHead => ({
  status: state.status,
  reason: state.reason,
  until: state.until,
  step: state.step,
  usage: state.usage,
  modelCalls: state.modelCalls,
  toolCalls: state.toolCalls,
  retries: state.retries,
  activeMs: state.activeMs,
  crashes: state.crashes,
  openReviews: state.openReviews,
  isCancelRequested: state.isCancelRequested,
  startedAt: state.startedAt,
  endedAt: state.endedAt,
  endSeq: state.end?.seq ?? null,
  code: state.end?.code ?? null,
});
