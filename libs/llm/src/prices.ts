/** US dollars for a million tokens, and how much a model reads and writes. */
interface ModelFacts {
  readonly input: number;
  readonly cached: number;
  readonly output: number;
  /** Input and output together. Where longer input costs more, the length up to which the price holds. */
  readonly window: number;
  readonly maxOutput: number;
}

const facts = (input: number, cached: number, output: number, sizes: readonly [number, number]): ModelFacts => {
  const [window, maxOutput] = sizes;
  return { input, cached, output, window, maxOutput };
};

const GPT_5_4: readonly [number, number] = [272_000, 128_000];
const GPT_5: readonly [number, number] = [400_000, 128_000];
const GPT_4_1: readonly [number, number] = [1_047_576, 32_768];
const GPT_4O: readonly [number, number] = [128_000, 16_384];
const O_SERIES: readonly [number, number] = [200_000, 100_000];

/** When somebody last looked. */
export const PRICES_AS_OF = '2026-06-30';

/**
 * OpenAI's list of standard prices, https://developers.openai.com/api/docs/pricing, as it was published by that day.
 * Models without a cached price have it at that of fresh input. A change here is a change of budgets: raise the date.
 */
const FACTS: Readonly<Record<string, ModelFacts>> = {
  'gpt-5.5': facts(5, 0.5, 30, GPT_5_4),
  'gpt-5.5-pro': facts(30, 30, 180, GPT_5_4),
  'gpt-5.4': facts(2.5, 0.25, 15, GPT_5_4),
  'gpt-5.4-pro': facts(30, 30, 180, GPT_5_4),
  'gpt-5.4-mini': facts(0.75, 0.075, 4.5, GPT_5),
  'gpt-5.4-nano': facts(0.2, 0.02, 1.25, GPT_5),
  'gpt-5.2': facts(1.75, 0.175, 14, GPT_5),
  'gpt-5.2-pro': facts(21, 21, 168, GPT_5),
  'gpt-5.1': facts(1.25, 0.125, 10, GPT_5),
  'gpt-5': facts(1.25, 0.125, 10, GPT_5),
  'gpt-5-mini': facts(0.25, 0.025, 2, GPT_5),
  'gpt-5-nano': facts(0.05, 0.005, 0.4, GPT_5),
  'gpt-5-pro': facts(15, 15, 120, [400_000, 272_000]),
  'gpt-4.1': facts(2, 0.5, 8, GPT_4_1),
  'gpt-4.1-mini': facts(0.4, 0.1, 1.6, GPT_4_1),
  'gpt-4.1-nano': facts(0.1, 0.025, 0.4, GPT_4_1),
  'gpt-4o': facts(2.5, 1.25, 10, GPT_4O),
  'gpt-4o-mini': facts(0.15, 0.075, 0.6, GPT_4O),
  'gpt-4-turbo': facts(10, 10, 30, [128_000, 4_096]),
  'gpt-4': facts(30, 30, 60, [8_192, 8_192]),
  'gpt-3.5-turbo': facts(0.5, 0.5, 1.5, [16_385, 4_096]),
  o3: facts(2, 0.5, 8, O_SERIES),
  'o3-pro': facts(20, 20, 80, O_SERIES),
  'o3-mini': facts(1.1, 0.55, 4.4, O_SERIES),
  'o4-mini': facts(1.1, 0.275, 4.4, O_SERIES),
  o1: facts(15, 7.5, 60, O_SERIES),
  'o1-pro': facts(150, 150, 600, O_SERIES),
};

const highest = (field: 'input' | 'cached' | 'output'): number =>
  Math.max(...Object.values(FACTS).map((one) => one[field]));

/**
 * A model that nobody here knows costs the most of every kind, so that a budget never counts too little. Its sizes are
 * the most common ones of today: a wrong guess ends in the provider's own refusal.
 */
const UNKNOWN: ModelFacts = facts(highest('input'), highest('cached'), highest('output'), GPT_4O);

/** `openai/gpt-4o-2024-08-06` is `gpt-4o`; a fine-tuned `ft:…` has a price of its own and is unknown. */
function factsOf(model: string): ModelFacts {
  const name = model.replace(/^openai\//, '').replace(/-\d{4}-\d{2}-\d{2}$/, '');
  return (Object.hasOwn(FACTS, name) ? FACTS[name] : undefined) ?? UNKNOWN;
}

/** Micro-dollars for one token, which is the same number as dollars for a million. */
export interface ModelPrice {
  readonly inputMicros: number;
  readonly cachedMicros: number;
  readonly outputMicros: number;
  /** False for a model that is not in the table: then it is the highest price in it. */
  readonly isKnown: boolean;
}

export function priceOf(model: string): ModelPrice {
  const known = factsOf(model);
  const { input, cached, output } = known;
  return { inputMicros: input, cachedMicros: cached, outputMicros: output, isKnown: known !== UNKNOWN };
}

export interface TokenCounts {
  readonly inputTokens: number;
  /** Part of the input. */
  readonly cachedTokens?: number;
  readonly outputTokens: number;
}

/** What a call cost in whole micro-dollars, rounded up. */
export function costMicros(model: string, tokens: TokenCounts): number {
  const { input, cached, output } = factsOf(model);
  const cachedTokens = Math.min(tokens.cachedTokens ?? 0, tokens.inputTokens);
  const fresh = tokens.inputTokens - cachedTokens;
  // Prices have three decimals at most: in thousandths of a micro-dollar every product is a whole number.
  const milli = (price: number): number => Math.round(price * 1_000);
  return Math.ceil((fresh * milli(input) + cachedTokens * milli(cached) + tokens.outputTokens * milli(output)) / 1_000);
}

/** Tokens that a model reads and writes in one call. */
export const contextWindowOf = (model: string): number => factsOf(model).window;

/** Tokens that a model writes at most in one call. */
export const maxOutputOf = (model: string): number => factsOf(model).maxOutput;
