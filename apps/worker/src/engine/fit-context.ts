import { contextWindowOf, estimatedInputTokens, type ModelMessage, type ModelRequest } from '@flowmate/llm';
import type { Part } from './conversation.js';

export interface Fitted {
  readonly request: ModelRequest;
  /** Entries whose text the model is not shown any more. */
  readonly omitted: readonly number[];
  readonly fits: boolean;
}

/** As the estimate counts. */
const CHARACTERS_PER_TOKEN = 4;
/** Room for the answer where the agent names no limit of its own. */
const ANSWER_TOKENS = 4_096;
/** The estimate is by length; languages and code with shorter tokens still fit in. */
const SAFETY = 0.75;

const note = (text: string): string =>
  `[The result of this call was left out to make room: ${text.length} characters.]`;

/**
 * A conversation that is longer than the model reads loses the results of tools, the oldest first, and nothing else.
 * What has to stay and is still too long does not fit.
 */
export function fitContext(parts: readonly Part[], base: Omit<ModelRequest, 'messages'>): Fitted {
  const room = contextWindowOf(base.model) * SAFETY - (base.maxOutputTokens ?? ANSWER_TOKENS);
  const messages: ModelMessage[] = parts.map(({ message }) => message);
  const omitted: number[] = [];
  let tokens = estimatedInputTokens({ ...base, messages });
  for (const [index, { seq, message }] of parts.entries()) {
    if (tokens <= room) break;
    if (message.role !== 'tool' || message.text.length <= note(message.text).length) continue;
    messages[index] = { ...message, text: note(message.text) };
    omitted.push(seq);
    tokens -= (message.text.length - note(message.text).length) / CHARACTERS_PER_TOKEN;
  }
  return { request: { ...base, messages }, omitted, fits: tokens <= room };
}
