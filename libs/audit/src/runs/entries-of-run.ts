import { fold, type AuditEntry, type JournalEntry, type Run } from '@flowmate/domain';

/**
 * What the trail of a workspace says of a run that has ended: each call of a tool that changed something or may have,
 * and the end. Names and numbers only: what was said stays in the journal.
 */
export function entriesOfRun(run: Run): AuditEntry[] {
  const { startedBy } = run;
  const state = fold(run.journal);
  const common = {
    trail: run.workspaceId,
    actor: { kind: startedBy.kind, id: startedBy.id },
    target: { kind: 'run', id: run.id },
  } as const;
  const calls = state.effects.map(({ intent, tool, risk, isCertain }): AuditEntry => {
    const effect = isCertain ? 'certain' : 'undecided';
    return {
      ...common,
      action: 'tool.called',
      outcome: isCertain ? 'done' : 'failed',
      details: { seq: intent, tool, risk, class: classOf(run.journal, intent), effect },
    };
  });
  return [
    ...calls,
    { ...common, action: 'run.ended', outcome: state.status === 'failed' ? 'failed' : 'done', details: endOf(run) },
  ];
}

/** What makes an entry of a run the same, whoever recorded it. */
export const nameOf = ({ action, target, details }: Pick<AuditEntry, 'target' | 'details'> & { action: string }) =>
  `${target?.id ?? ''} ${action} ${String(details?.['seq'] ?? '')}`;

function classOf(journal: readonly JournalEntry[], intent: number): string {
  const entry = journal[intent - 1];
  return entry?.type === 'tool.intended' ? entry.data.class : 'unknown';
}

function endOf({ head, seq, agentId, agentVersion, trigger }: Run): NonNullable<AuditEntry['details']> {
  const { status, code, step, modelCalls, toolCalls, retries, activeMs, usage, endedAt } = head;
  const { inputTokens, outputTokens, costMicros } = usage;
  const counts = { steps: step, modelCalls, toolCalls, retries, activeMs, inputTokens, outputTokens, costMicros };
  return {
    seq: head.endSeq ?? seq,
    status,
    ...(code !== null && { code }),
    agentId,
    agentVersion,
    trigger,
    ...counts,
    ...(endedAt !== null && { endedAt }),
  };
}
