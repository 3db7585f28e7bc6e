import type { Usage } from '@flowmate/domain';
import type { ModelMessage, ModelRequest } from './model-port.js';
import { costMicros, maxOutputOf, type TokenCounts } from './prices.js';

/** OpenAI's own rule of thumb for English; other languages and code have more tokens, so it is only for what nobody counted. */
const CHARACTERS_PER_TOKEN = 4;
/** Role, separators and the like: OpenAI counts 3 to 4 for a message, a few more for a call. */
const TOKENS_PER_MESSAGE = 16;

function* textsOf(message: ModelMessage): Generator<string> {
  yield message.text;
  if (message.role === 'tool') yield message.callId;
  if (message.role === 'assistant') for (const { id, tool, args } of message.calls) yield id + tool + args;
}

function* allTexts(request: ModelRequest): Generator<string> {
  for (const message of request.messages) yield* textsOf(message);
  for (const tool of request.tools) yield tool.id + tool.description + JSON.stringify(tool.parameters);
  if (request.outputSchema) yield JSON.stringify(request.outputSchema);
}

const overheadOf = ({ messages, tools }: ModelRequest): number =>
  TOKENS_PER_MESSAGE * (messages.length + tools.length + 1);

/** About how many tokens the model will read, by length. Never less than one. */
export function estimatedInputTokens(request: ModelRequest): number {
  let characters = 0;
  for (const text of allTexts(request)) characters += text.length;
  return Math.ceil(characters / CHARACTERS_PER_TOKEN) + overheadOf(request);
}

const estimatedTokens = (text: string): number => Math.max(1, Math.ceil(text.length / CHARACTERS_PER_TOKEN));

/** Never fewer than a provider can count: no tokenizer in use makes two tokens of one byte. */
export function worstCaseTokens(request: ModelRequest): TokenCounts {
  let bytes = 0;
  for (const text of allTexts(request)) bytes += Buffer.byteLength(text);
  const outputTokens = request.maxOutputTokens ?? maxOutputOf(request.model);
  return { inputTokens: bytes + overheadOf(request), outputTokens };
}

/** The most that a call can cost, to be reserved before it is sent. Counts nothing as cached. */
export const worstCaseMicros = (request: ModelRequest): number => costMicros(request.model, worstCaseTokens(request));

/** What a provider said about its tokens; a field that it left out is estimated. */
export interface CountedTokens {
  readonly inputTokens: number | undefined;
  readonly cachedTokens: number | undefined;
  readonly outputTokens: number | undefined;
}

/** The usage of an answer: as counted, else estimated; a call never used nothing. */
export function usageOf(request: ModelRequest, written: string, counted: CountedTokens): Usage {
  const inputTokens = Math.max(1, counted.inputTokens || estimatedInputTokens(request));
  const outputTokens = Math.max(1, counted.outputTokens || estimatedTokens(written));
  const cachedTokens = Math.min(counted.cachedTokens ?? 0, inputTokens);
  const tokens = { inputTokens, cachedTokens, outputTokens };
  // The price of the model that was asked for: what a provider calls itself is not in the table.
  return { ...tokens, costMicros: costMicros(request.model, tokens) };
}
