import { z } from 'zod';
import { ModelInvalidAnswerError } from '../model.errors.js';

/** More tokens than any model reads or writes in a call: a larger number is a mistake and not counted. */
const MAX_TOKENS = 100_000_000;

const tokens = z.int().min(0).max(MAX_TOKENS);

/** A count that makes no sense is no reason to lose the answer: it is estimated instead. */
const usage = z
  .object({
    prompt_tokens: tokens,
    completion_tokens: tokens,
    prompt_tokens_details: z.object({ cached_tokens: tokens.nullish() }).nullish().catch(undefined),
  })
  .nullish()
  .catch(undefined);

const callFragment = z.object({
  index: z.int().min(0).nullish(),
  id: z.string().nullish(),
  function: z.object({ name: z.string().nullish(), arguments: z.string().nullish() }).nullish(),
});

const choice = z.object({
  index: z.int().nullish(),
  finish_reason: z.string().nullish(),
  delta: z
    .object({
      content: z.string().nullish(),
      refusal: z.string().nullish(),
      reasoning_content: z.string().nullish().catch(undefined),
      reasoning: z.string().nullish().catch(undefined),
      tool_calls: z.array(callFragment).nullish(),
    })
    .nullish(),
});

/** What is used of a chunk; everything else is left out while parsing. */
const completionChunk = z.object({
  model: z.string().nullish(),
  choices: z.array(choice).nullish(),
  usage,
  error: z.unknown().optional(),
});

export type CompletionChunk = z.infer<typeof completionChunk>;
export type CallFragment = z.infer<typeof callFragment>;
export type ChunkUsage = NonNullable<CompletionChunk['usage']>;

/** Throws without the text: a parser's message quotes it. */
export function parseChunk(data: string): CompletionChunk {
  let json: unknown;
  try {
    json = JSON.parse(data);
  } catch {
    throw new ModelInvalidAnswerError({ reason: 'not_json' });
  }
  const parsed = completionChunk.safeParse(json);
  if (!parsed.success) throw new ModelInvalidAnswerError({ reason: 'not_a_chunk' });
  return parsed.data;
}
