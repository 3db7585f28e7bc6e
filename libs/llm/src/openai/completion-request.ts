import type OpenAI from 'openai';
import type { ModelMessage, ModelRequest } from '../model-port.js';
import type { WireNames } from './wire-names.js';

type Body = OpenAI.Chat.Completions.ChatCompletionCreateParamsStreaming;
type WireMessage = OpenAI.Chat.Completions.ChatCompletionMessageParam;

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

/** vLLM and others parse the arguments of earlier calls and refuse the whole request over one that is not JSON. */
const argsOf = (args: string): string =>
  isJsonObject(args) ? args : JSON.stringify({ unparsed: args.toWellFormed() });

function messageOf(message: ModelMessage, names: WireNames): WireMessage {
  // Half a surrogate pair is legal in a string and not in UTF-8: providers refuse it.
  const text = message.text.toWellFormed();
  if (message.role === 'tool') return { role: 'tool', tool_call_id: message.callId, content: text };
  if (message.role !== 'assistant') return { role: message.role, content: text };
  if (message.calls.length === 0) return { role: 'assistant', content: text };
  const calls = message.calls.map(({ id, tool, args }) => ({
    id,
    type: 'function' as const,
    function: { name: names.of(tool), arguments: argsOf(args) },
  }));
  return { role: 'assistant', content: text === '' ? null : text, tool_calls: calls };
}

/**
 * The body of a call. `parallel_tool_calls` stays at its default, which is true: some models refuse the word. The
 * schema is not `strict`, which takes only schemas of one form; the answer is validated by whoever asked.
 */
export function completionRequest(request: ModelRequest, names: WireNames, isOpenAi: boolean): Body {
  const { model, messages, tools, temperature, maxOutputTokens, outputSchema } = request;
  return {
    model,
    messages: messages.map((message) => messageOf(message, names)),
    stream: true,
    stream_options: { include_usage: true },
    ...(tools.length === 0
      ? {}
      : {
          tools: tools.map(({ id, description, parameters }) => ({
            type: 'function' as const,
            function: { name: names.of(id), description: description.toWellFormed(), parameters: { ...parameters } },
          })),
        }),
    ...(temperature === undefined ? {} : { temperature }),
    // OpenAI's newer models know only the first name, other servers often only the second.
    ...(maxOutputTokens === undefined
      ? {}
      : isOpenAi
        ? { max_completion_tokens: maxOutputTokens }
        : { max_tokens: maxOutputTokens }),
    ...(outputSchema === undefined
      ? {}
      : { response_format: { type: 'json_schema', json_schema: { name: 'answer', schema: { ...outputSchema } } } }),
  };
}
