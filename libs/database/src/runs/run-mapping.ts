import type { Run, RunOrigin } from '@flowmate/domain';
import type { RunDocument } from './run.schema.js';

const originOf = (stored: Omit<RunDocument, 'journal'>): RunOrigin => ({
  id: stored._id,
  workspaceId: stored.workspaceId,
  kind: stored.kind,
  agentId: stored.agentId,
  agentVersion: stored.agentVersion,
  trigger: stored.trigger,
  startedBy: stored.startedBy,
  externalId: stored.externalId ?? null,
  retryOf: stored.retryOf ?? null,
  correlationId: stored.correlationId,
  traceparent: stored.traceparent ?? null,
  input: stored.input,
  timeoutMs: stored.timeoutMs,
  rootId: stored.rootId,
  parentId: stored.parentId ?? null,
  index: stored.index ?? null,
  rank: stored.rank,
  deadlineAt: stored.deadlineAt?.getTime() ?? null,
  needsVersion: stored.needsVersion,
  createdAt: stored.createdAt.getTime(),
});

/** All of a run but its journal. */
export type RunSummary = Omit<Run, 'journal'>;

export const summaryOf = (stored: Omit<RunDocument, 'journal'>): RunSummary => ({
  ...originOf(stored),
  epoch: stored.epoch,
  seq: stored.seq,
  owner: stored.owner,
  wakeAt: stored.wakeAt?.getTime() ?? null,
  bytes: stored.bytes,
  head: stored.head,
});

export const runOf = (stored: RunDocument): Run => ({ ...summaryOf(stored), journal: stored.journal });
