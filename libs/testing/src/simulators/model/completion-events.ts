/** One call of an answer, by the name that the provider knows. */
export interface WireCall {
  readonly id: string;
  readonly name: string;
  readonly args: string;
}

export interface WireAnswer {
  readonly model: string;
  readonly text: string;
  readonly calls: readonly WireCall[];
  readonly hasUsage: boolean;
  /** How many events the text comes in. */
  readonly pieces?: number;
}

/** Each run of words is one event; more would only be more bytes. */
const PIECES = 8;
/** What every answer says it used: round numbers that a test can add up. */
export const SIMULATED_USAGE = { inputTokens: 100, cachedTokens: 40, outputTokens: 10 };

const event = (model: string, body: object): string =>
  `data: ${JSON.stringify({ id: 'chatcmpl-sim', object: 'chat.completion.chunk', created: 0, model, ...body })}\n\n`;

const delta = (model: string, body: object, finish: string | null = null): string =>
  event(model, { choices: [{ index: 0, delta: body, finish_reason: finish }] });

function piecesOf(text: string, count = PIECES): string[] {
  const size = Math.max(1, Math.ceil(text.length / count));
  return Array.from({ length: Math.ceil(text.length / size) }, (_, at) => text.slice(at * size, (at + 1) * size));
}

function callEvents(model: string, { id, name, args }: WireCall, index: number): string[] {
  const head = { index, id, type: 'function', function: { name, arguments: '' } };
  const rest = piecesOf(args).map((piece) => ({ index, function: { arguments: piece } }));
  return [head, ...rest].map((fragment) => delta(model, { tool_calls: [fragment] }));
}

const { inputTokens, cachedTokens, outputTokens } = SIMULATED_USAGE;
const USAGE = {
  prompt_tokens: inputTokens,
  completion_tokens: outputTokens,
  total_tokens: inputTokens + outputTokens,
  prompt_tokens_details: { cached_tokens: cachedTokens },
};

/** The events of an answer as OpenAI sends them, the last word included. */
export function completionEvents({ model, text, calls, hasUsage, pieces }: WireAnswer): string[] {
  return [
    delta(model, { role: 'assistant', content: '' }),
    ...piecesOf(text, pieces).map((content) => delta(model, { content })),
    ...calls.flatMap((call, index) => callEvents(model, call, index)),
    delta(model, {}, calls.length > 0 ? 'tool_calls' : 'stop'),
    ...(hasUsage ? [event(model, { choices: [], usage: USAGE })] : []),
    'data: [DONE]\n\n',
  ];
}
