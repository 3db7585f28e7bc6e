import type { JsonSchema } from '@flowmate/domain';
import type { ModelMessage, ModelRequest } from '../model-port.js';
import { ScriptedLlm, type ScriptedStep } from './scripted.llm.js';
import { sampleOf } from './schema-sample.js';

/** Tools that can be called without knowing anything: what to send. */
const KNOWN_TOOLS: Readonly<Record<string, string>> = { 'time.now': '{}' };
/** Enough to see that it is the result; a model would not repeat more either. */
const QUOTE_LENGTH = 200;

const WHO =
  'I am the demonstration model that is built into FlowMate; set OPENAI_KEY and a real one answers instead of me.';

const quote = (text: string): string => {
  const line = text.replaceAll(/\s+/g, ' ').trim().slice(0, QUOTE_LENGTH).toWellFormed();
  return line === '' ? 'nothing' : line;
};

/** What was said since somebody last asked. */
function sinceQuestion(messages: readonly ModelMessage[]): readonly ModelMessage[] {
  return messages.slice(messages.findLastIndex(({ role }) => role === 'user') + 1);
}

const jsonOf = (schema: JsonSchema): string => JSON.stringify(sampleOf(schema));

function decide(request: ModelRequest): ScriptedStep {
  const said = sinceQuestion(request.messages);
  const result = said.findLast((message) => message.role === 'tool');
  const tool = request.tools.find(({ id }) => Object.hasOwn(KNOWN_TOOLS, id));
  if (tool && said.length === 0) {
    // Calls of one run have different ids, also over several questions.
    const turn = request.messages.filter(({ role }) => role === 'assistant').length + 1;
    return {
      text: `Let me plan. First I use the tool ${tool.id}, then I answer with what it says.`,
      calls: [{ id: `demo_${turn}`, tool: tool.id, args: KNOWN_TOOLS[tool.id] ?? '{}' }],
    };
  }
  if (request.outputSchema) return { text: jsonOf(request.outputSchema) };
  return result
    ? { text: `The tool said: ${quote(result.text)} With that your question is answered as well as I can. ${WHO}` }
    : { text: `I would answer your question now, if I could think. ${WHO}` };
}

/**
 * The model of an installation without a key. It decides from the messages alone, so a run that another worker goes on
 * with goes on the same way, and it costs nothing.
 */
export function demonstration(wordMs: number): ScriptedLlm {
  return new ScriptedLlm((request) => ({
    ...decide(request),
    wordMs,
    usage: { costMicros: 0 },
    model: 'demonstration',
  }));
}
