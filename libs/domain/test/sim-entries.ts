import type { CallState, EntryData, IdempotencyClass, Move, NewEntry, RunState } from '../src/index.js';

export interface Place {
  readonly step: number;
  readonly call: number;
}

const USAGE = { inputTokens: 1, cachedTokens: 0, outputTokens: 1, costMicros: 1 };

export const failed = (code: string): NewEntry => ({
  type: 'run.failed',
  data: { code, message: 'It failed.', output: null },
});

export const called = ({ step, isRepair }: Move & { do: 'call_model' }, { seq }: RunState): NewEntry => ({
  type: 'model.called',
  data: { step, model: 'm', upTo: seq, omitted: [], isRepair, worstMicros: 1 },
});

/** Without calls it is the last; `null` is an answer that cannot be used. */
export const answered = (step: number, tools: readonly string[] | null): NewEntry => ({
  type: 'model.answered',
  data: {
    step,
    text: { text: '' },
    calls: (tools ?? []).map((tool, index) => ({ id: `${step}-${index}`, tool, args: { text: '{}' } })),
    finish: tools?.length === 0 ? 'stop' : 'calls',
    model: 'm',
    usage: USAGE,
    ms: 1,
    problem: tools === null ? 'llm_invalid_tool_call' : null,
  },
});

export const intended = (step: number, call: number, tool: IdempotencyClass): NewEntry => ({
  type: 'tool.intended',
  data: {
    step,
    call,
    tool,
    risk: tool === 'R' ? 'read' : 'write',
    class: tool,
    rule: 'risk',
    decision: 'allow',
    taint: [],
    manifest: 'm',
    argsHash: `${step}-${call}`,
    key: `key ${step} ${call}`,
  },
});

export const succeeded = (place: Place): NewEntry => ({
  type: 'tool.succeeded',
  data: { ...place, output: { text: '' }, isTruncated: false, label: 'plain', ms: 1 },
});

export const refused = (place: Place, code: string): NewEntry => ({
  type: 'tool.failed',
  data: { ...place, code, message: 'It failed.', ms: 1 },
});

export const review = (place: Place, { intent }: CallState): NewEntry => ({
  type: 'review.requested',
  data: { ...place, intent, code: 'outcome_unknown' },
});

export const retryingModel = (step: number, retry: number, delayMs: number): NewEntry => ({
  type: 'run.retrying',
  data: {
    of: 'model',
    step,
    call: null,
    attempt: retry + 1,
    code: 'llm_timeout',
    effect: 'none',
    ms: 1,
    delayMs,
    settleMs: null,
  },
});

export const retryingTool = (
  place: Place,
  { retries }: CallState,
  why: Pick<EntryData['run.retrying'], 'effect' | 'delayMs' | 'settleMs'>,
): NewEntry => ({
  type: 'run.retrying',
  data: { of: 'tool', ...place, attempt: retries + 2, code: 'tool_timeout', ms: 1, ...why },
});

/** Intents of this owner that nothing has been sent for. */
export const unsentOf = ({ answer, epoch }: RunState, sentAt: ReadonlyMap<number, number>): number[] =>
  (answer?.calls ?? [])
    .filter(({ phase, intent, outEpoch }) => phase === 'intended' && !sentAt.has(intent) && outEpoch === epoch)
    .map(({ intent }) => intent);
