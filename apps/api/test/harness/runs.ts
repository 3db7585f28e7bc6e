import { RunStore } from '@flowmate/database';
import { fold, headOf, isTerminal, newId, numbered, type NewEntry, type Run } from '@flowmate/domain';
import { RunPublisher } from '@flowmate/realtime';
import type { ApiUnderTest } from './api-under-test.js';

const get = <T>({ app }: Pick<ApiUnderTest, 'app'>, type: abstract new (...args: never[]) => T): T =>
  app.get(type, { strict: false });

export async function runOf(api: Pick<ApiUnderTest, 'app'>, id: string): Promise<Run> {
  const run = await get(api, RunStore).readUnscoped(id);
  if (!run) throw new Error('there is no such run');
  return run;
}

/** Appends as a worker would, and rings as it would unless the bell is to be lost. */
export async function advance(
  api: Pick<ApiUnderTest, 'app'>,
  id: string,
  entries: readonly NewEntry[],
  { isSilent = false, owner = null }: { isSilent?: boolean; owner?: string | null } = {},
): Promise<Run> {
  const run = await runOf(api, id);
  const added = numbered(entries, { seq: run.seq, at: Date.now(), epoch: run.epoch, batch: newId() });
  const state = fold(added, fold(run.journal));
  const append = { entries: added, head: headOf(state), wake: 'later' as const, owner };
  if (!(await get(api, RunStore).append(run, append))) throw new Error('somebody else was faster');
  const bell = { runId: id, seq: state.seq, status: state.status };
  if (!isSilent) get(api, RunPublisher).head(run.workspaceId, bell);
  if (isTerminal(state.status) !== isTerminal((await runOf(api, id)).head.status)) throw new Error('not as folded');
  return runOf(api, id);
}

const USAGE = { inputTokens: 10, cachedTokens: 0, outputTokens: 5, costMicros: 1_500 };

/** What a worker writes when it takes a run up. */
export const started = (worker = 'w1'): NewEntry[] => [
  { type: 'run.started', data: { worker, agentVersion: 1 } },
  {
    type: 'model.called',
    data: { step: 1, model: 'scripted', upTo: 1, omitted: [], isRepair: false, worstMicros: 9_000 },
  },
];

export const answered = (text: string, calls: ReadonlyArray<{ tool: string; args: string }> = []): NewEntry => ({
  type: 'model.answered',
  data: {
    step: 1,
    text: { text },
    calls: calls.map(({ tool, args }, index) => ({ id: `c${index}`, tool, args: { text: args } })),
    finish: calls.length > 0 ? 'calls' : 'stop',
    model: 'scripted',
    usage: USAGE,
    ms: 12,
    problem: null,
  },
});

/** The intent of the first call: it may have left by the time that anybody reads this. */
export const intended = (idempotency: 'R' | 'A' | 'C', tool = 'http.request'): NewEntry => ({
  type: 'tool.intended',
  data: {
    step: 1,
    call: 0,
    tool,
    risk: idempotency === 'R' ? 'read' : 'external',
    class: idempotency,
    rule: 'risk',
    decision: 'allow',
    taint: [],
    manifest: 'm',
    argsHash: 'a',
    key: 'k',
  },
});

export const succeeded = (text: string): NewEntry => ({ type: 'run.succeeded', data: { output: { text } } });
