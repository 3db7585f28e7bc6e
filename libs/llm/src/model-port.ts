import type { JsonSchema, ModelAnswer, ToolCall } from '@flowmate/domain';

/** One message of a conversation. An answer to a tool call names the call it answers. */
export type ModelMessage =
  | { readonly role: 'system' | 'user'; readonly text: string }
  | { readonly role: 'assistant'; readonly text: string; readonly calls: readonly ToolCall[] }
  | { readonly role: 'tool'; readonly callId: string; readonly text: string };

/** A tool as the model is shown it. `id` may hold dots; an adapter finds names that its provider takes. */
export interface ModelTool {
  readonly id: string;
  readonly description: string;
  readonly parameters: JsonSchema;
}

export interface ModelRequest {
  readonly model: string;
  readonly messages: readonly ModelMessage[];
  readonly tools: readonly ModelTool[];
  readonly temperature?: number | undefined;
  readonly maxOutputTokens?: number | undefined;
  /** What the text of the answer must look like. The model is asked for it; the caller validates all the same. */
  readonly outputSchema?: JsonSchema | undefined;
}

/** What belongs to one call and not to the question. */
export interface ModelCall {
  /** Ends the call and closes its socket. It carries the deadline: an adapter has none of its own for the whole. */
  readonly signal: AbortSignal;
  /** Text as it comes in, for eyes only: nothing may act on it. Must not throw. */
  readonly onText?: ((delta: string) => void) | undefined;
  /** Correlation and trace headers, sent along. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/**
 * A language model. An answer is whole or it is a `ModelError`. An adapter never repeats a call: how often and when
 * is the caller's business.
 */
export interface ModelPort {
  /** Whom a breaker is kept for. */
  readonly host: string;
  answer(request: ModelRequest, call: ModelCall): Promise<ModelAnswer>;
}
