import type { AgentVersion, Content, EntryData, JournalEntry, ToolCall } from '@flowmate/domain';
import type { ModelMessage } from '@flowmate/llm';

/** A message and the entry it comes from; 0 for what is no entry. */
export interface Part {
  readonly seq: number;
  readonly message: ModelMessage;
}

type Read = (content: Content) => string;

const REPAIR: Readonly<Record<string, string>> = {
  output_invalid: 'Your last answer is not of the form that was asked for. Answer again, with nothing but that form.',
};
const REPAIR_ANY = 'Your last answer could not be read. Answer again.';

const failureText = ({ code, message }: EntryData['tool.failed']): string => `The call failed (${code}): ${message}`;

/** What a tool call came to, as the model reads it. */
function results(journal: readonly JournalEntry[], read: Read): ReadonlyMap<string, Part> {
  const found = new Map<string, Part>();
  const intents = new Map<number, string>();
  const add = (place: string, seq: number, text: string): void =>
    void found.set(place, { seq, message: { role: 'tool', callId: '', text } });
  for (const { seq, ...entry } of journal) {
    if (entry.type === 'tool.intended') intents.set(seq, `${entry.data.step}.${entry.data.call}`);
    if (entry.type === 'tool.succeeded') add(`${entry.data.step}.${entry.data.call}`, seq, read(entry.data.output));
    if (entry.type === 'tool.failed') add(`${entry.data.step}.${entry.data.call}`, seq, failureText(entry.data));
    if (entry.type === 'review.decided' && entry.data.decision === 'done') {
      const place = intents.get(entry.data.intent);
      const { result } = entry.data;
      if (place) add(place, seq, result ? read(result) : 'Done: a person has looked and confirmed it.');
    }
  }
  return found;
}

function* answered(
  { data, seq }: { data: EntryData['model.answered']; seq: number },
  found: ReadonlyMap<string, Part>,
  read: Read,
): Generator<Part> {
  const text = read(data.text);
  if (data.problem !== null) {
    if (text !== '') yield { seq, message: { role: 'assistant', text, calls: [] } };
    yield { seq, message: { role: 'user', text: REPAIR[data.problem] ?? REPAIR_ANY } };
    return;
  }
  const calls: ToolCall[] = data.calls.map(({ id, tool, args }) => ({ id, tool, args: read(args) }));
  yield { seq, message: { role: 'assistant', text, calls } };
  for (const [index, { id }] of data.calls.entries()) {
    const result = found.get(`${data.step}.${index}`);
    if (result?.message.role === 'tool')
      yield { seq: result.seq, message: { role: 'tool', callId: id, text: result.message.text } };
  }
}

/** Everything that was said in a run so far, made from its journal: a worker that takes it over says the same. */
export function conversation(
  run: { readonly input: string; readonly journal: readonly JournalEntry[] },
  agent: Pick<AgentVersion, 'systemPrompt'>,
  read: Read,
): Part[] {
  const found = results(run.journal, read);
  const parts: Part[] = [];
  if (agent.systemPrompt !== '') parts.push({ seq: 0, message: { role: 'system', text: agent.systemPrompt } });
  parts.push({ seq: 1, message: { role: 'user', text: run.input } });
  for (const { type, data, seq } of run.journal) {
    if (type === 'model.answered') parts.push(...answered({ data, seq }, found, read));
  }
  return parts;
}
