/** One tool call of an answer, as the model wrote it: `args` is text that may not even be JSON. */
export interface ToolCall {
  /** The model's own name for the call; answers to it carry it back. */
  readonly id: string;
  /** The id of a tool, such as `http.get`. */
  readonly tool: string;
  readonly args: string;
}

/** Whole numbers. A micro-dollar is a millionth of a US dollar. */
export interface Usage {
  readonly inputTokens: number;
  /** The part of the input that the provider had in its cache. */
  readonly cachedTokens: number;
  readonly outputTokens: number;
  readonly costMicros: number;
}

export const NO_USAGE: Usage = { inputTokens: 0, cachedTokens: 0, outputTokens: 0, costMicros: 0 };

export const addUsage = (a: Usage, b: Usage): Usage => ({
  inputTokens: a.inputTokens + b.inputTokens,
  cachedTokens: a.cachedTokens + b.cachedTokens,
  outputTokens: a.outputTokens + b.outputTokens,
  costMicros: a.costMicros + b.costMicros,
});

/** Why a model stopped: it was done, it wants tools, it ran out of room, or the provider's filter cut it off. */
export const FINISHES = ['stop', 'calls', 'length', 'filtered'] as const;
export type Finish = (typeof FINISHES)[number];

/** A whole answer. A partial one is none: nothing ever acts on it. */
export interface ModelAnswer {
  readonly text: string;
  readonly calls: readonly ToolCall[];
  readonly finish: Finish;
  readonly usage: Usage;
  /** The model that answered, as the provider names it. */
  readonly model: string;
}
