import { RunStore, type Database } from '@flowmate/database';
import { fold, headOf, newId, numbered, type NewEntry, type RunOrigin } from '@flowmate/domain';

const place = { step: 1, call: 0 } as const;
const usage = { inputTokens: 10, cachedTokens: 0, outputTokens: 5, costMicros: 70 };

/** One model call, one write whose end is known or not, and the end. */
const story = (isCertain: boolean): NewEntry[] => [
  { type: 'run.queued', data: { reason: 'accepted', position: 0, unsent: [] } },
  { type: 'run.started', data: { worker: 'w', agentVersion: 3 } },
  {
    type: 'model.called',
    data: { step: 1, model: 'm', upTo: 2, omitted: [], isRepair: false, worstMicros: 1 },
  },
  {
    type: 'model.answered',
    data: {
      step: 1,
      text: { text: 'what nobody else may read' },
      calls: [{ id: 'c', tool: 'crm.note', args: { text: '{"text":"what nobody else may read"}' } }],
      finish: 'calls',
      model: 'm',
      usage,
      ms: 30,
      problem: null,
    },
  },
  {
    type: 'tool.intended',
    data: {
      ...place,
      tool: 'crm.note',
      risk: 'write',
      class: 'B',
      rule: 'risk',
      decision: 'allow',
      taint: [],
      manifest: 'm',
      argsHash: 'h',
      key: 'k',
    },
  },
  ...(isCertain
    ? [
        {
          type: 'tool.succeeded' as const,
          data: { ...place, output: { text: 'ok' }, isTruncated: false, label: 'plain' as const, ms: 5 },
        },
      ]
    : []),
  isCertain
    ? { type: 'run.succeeded', data: { output: { text: 'done' } } }
    : { type: 'run.failed', data: { code: 'run_timeout', message: 'It took too long.', output: null } },
];

/** A run that has ended, as it is stored. */
export async function endedRun(database: Database, workspaceId: string, isCertain = true): Promise<string> {
  const store = new RunStore(database);
  const id = newId();
  const origin: RunOrigin = {
    id,
    workspaceId,
    kind: 'agent',
    agentId: 'a'.repeat(24),
    agentVersion: 3,
    trigger: 'api',
    startedBy: { kind: 'key', id: 'k'.repeat(24), userId: 'u'.repeat(24) },
    externalId: null,
    retryOf: null,
    correlationId: `of ${id}`,
    traceparent: null,
    input: 'what nobody else may read',
    timeoutMs: 30_000,
    rootId: id,
    parentId: null,
    index: null,
    rank: 1,
    deadlineAt: null,
    needsVersion: 1,
    createdAt: Date.now(),
  };
  const [first, ...rest] = numbered(story(isCertain), { seq: 0, at: Date.now(), epoch: 1, batch: 'b' });
  const journal = first ? [first] : [];
  await store.insert({ origin, journal, request: null, isRung: true });
  const head = headOf(fold([...journal, ...rest]));
  await store.append({ id, epoch: 0, seq: 1 }, { entries: rest, head, wake: 'later' });
  return id;
}
