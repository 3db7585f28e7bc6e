import { createHash } from 'node:crypto';
import {
  defaultPolicy,
  type CallState,
  type EntryData,
  type IdempotencyClass,
  type JournalEntry,
  type NewEntry,
  type RunState,
} from '@flowmate/domain';
import {
  canonicalJson,
  manifestHash,
  parseArgs,
  ToolFailure,
  toolKey,
  traitsOf,
  type ToolRegistry,
} from '@flowmate/tools';
import type { RunAgent } from './run-agent.js';
import type { RunSession } from './run-session.js';

export interface Deciding {
  readonly session: RunSession;
  readonly agent: RunAgent;
  readonly registry: ToolRegistry;
  /** Whether who started the run still may. */
  readonly isGranted: boolean;
}

/** A model that wants more at once is told to come again. */
const MAX_CALLS = 10;
/** The third time the same tool is called with the same arguments the run goes in circles. */
const MAX_SAME = 3;

const refusal = (
  step: number,
  call: number,
  { code, message }: Pick<ToolFailure, 'code' | 'message'> | { code: string; message: string },
): NewEntry => ({
  type: 'tool.failed',
  data: { step, call, code, message, ms: 0 },
});

export function answerOf(journal: readonly JournalEntry[], seq: number): EntryData['model.answered'] | undefined {
  const entry = journal[seq - 1];
  return entry?.type === 'model.answered' ? entry.data : undefined;
}

/** Where texts came from that may have shaped this call. */
const taintOf = (journal: readonly JournalEntry[]): number[] =>
  journal.flatMap((entry) => (entry.type === 'tool.succeeded' && entry.data.label !== 'plain' ? [entry.seq] : []));

/**
 * Which calls of an answer may happen: the model proposes, this decides. Every one is granted, well formed and within
 * its policy, or refused to the model with a reason. Calls that cannot be repeated or looked up are intended one at a
 * time, so that a crash leaves at most one in doubt.
 */
export async function decideCalls(
  calls: readonly CallState[],
  state: RunState,
  journal: readonly JournalEntry[],
  deciding: Deciding,
): Promise<{ readonly entries: readonly NewEntry[]; readonly isLoop: boolean }> {
  const entries: NewEntry[] = [];
  const step = state.answer?.step ?? 0;
  const answer = answerOf(journal, state.answer?.seq ?? 0);
  const taint = taintOf(journal);
  let hasUnrepeatable = false;
  for (const { call, tool } of calls) {
    const proposal = answer?.calls[call];
    if (!proposal) continue;
    try {
      if (call >= MAX_CALLS) throw tooMany();
      // oxlint-disable-next-line no-await-in-loop -- in order: what was decided before counts
      const intent = await intend(
        { step, call, tool, args: deciding.session.contents.textOf(proposal.args) },
        deciding,
      );
      const isUnrepeatable = intent.class === 'C';
      if (isUnrepeatable && hasUnrepeatable) continue;
      hasUnrepeatable ||= isUnrepeatable;
      if (timesMeant(state, entries, intent) + 1 >= MAX_SAME) return { entries, isLoop: true };
      entries.push({ type: 'tool.intended', data: { ...intent, taint } });
    } catch (error) {
      if (!(error instanceof ToolFailure) && !(error instanceof Refused)) throw error;
      entries.push(refusal(step, call, error));
    }
  }
  return { entries, isLoop: false };
}

class Refused extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

const tooMany = (): Refused =>
  new Refused('tool_too_many_calls', `At most ${MAX_CALLS} calls at once. Call it again later.`);

type Intent = Omit<EntryData['tool.intended'], 'taint'>;

async function intend(
  { step, call, tool: id, args: text }: { step: number; call: number; tool: string; args: string },
  { session, agent, registry, isGranted }: Deciding,
): Promise<Intent> {
  const { workspaceId } = session.origin;
  const tool = agent.tools.get(id);
  if (!tool) {
    if (await registry.find(workspaceId, id))
      throw new ToolFailure('tool_not_granted', 'This agent may not use this tool.');
    throw new ToolFailure('tool_unknown', 'There is no such tool.');
  }
  if (!isGranted) throw new ToolFailure('tool_not_granted', 'Whoever started this run may not act here any more.');
  const args = parseArgs(tool, text);
  const traits = traitsOf(tool, args);
  const own = agent.definition.policies.find((policy) => policy.tool === id);
  const decision = own?.policy ?? defaultPolicy(traits.risk, traits.class);
  if (decision === 'deny') throw new ToolFailure('tool_not_granted', 'This agent may not use this tool.');
  if (decision === 'ask') throw new ToolFailure('approval_required', 'A person has to allow this call first.');
  return {
    step,
    call,
    tool: id,
    risk: traits.risk,
    class: traits.class satisfies IdempotencyClass,
    rule: own ? 'agent' : 'risk',
    decision,
    manifest: manifestHash(tool.manifest),
    argsHash: createHash('sha256').update(canonicalJson(args)).digest('base64url'),
    key: toolKey({ runId: session.id, step, call, tool: id, args }),
  };
}

function timesMeant(state: RunState, entries: readonly NewEntry[], { tool, argsHash }: Intent): number {
  const here = entries.filter(
    ({ type, data }) => type === 'tool.intended' && data.tool === tool && data.argsHash === argsHash,
  );
  return (state.repeats[`${tool} ${argsHash}`] ?? 0) + here.length;
}
