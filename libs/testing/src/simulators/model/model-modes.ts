/** How the simulated provider behaves. A number is an HTTP status it answers with. */
export const MODEL_MODES = [
  'ok',
  '400',
  '401',
  '403',
  '404',
  '408',
  '422',
  '429',
  '500',
  '502',
  '503',
  '529',
  'never-reply',
  'headers-then-silence',
  'slow-loris',
  'cut',
  'cut-in-call',
  'garbage',
  'not-json',
  'html',
  'empty-choices',
  'doubled-ids',
  'nameless-call',
  'huge',
  'huge-text',
  'context-length',
  'no-usage',
  'error-in-stream',
  'empty-chunks',
  'never-ends',
  'obey-attacker',
] as const;
export type ModelMode = (typeof MODEL_MODES)[number];

/** What a model does. Set by its name, by `POST /modes`, or by a first user message that begins with `sim:` and JSON. */
export interface ModelScript {
  readonly mode: ModelMode;
  /** The mode holds for the first so many calls of a run; then the model is well. */
  readonly times?: number;
  /** Seconds, or a date. */
  readonly retryAfter?: string;
  /** Answers with tool calls before the last answer, which is text. */
  readonly rounds?: number;
  /** Which tool; the first one that is offered otherwise. */
  readonly tool?: string;
  readonly args?: unknown;
  /** How many calls an answer holds. */
  readonly calls?: number;
  /** Which calls each answer holds, one answer after the other, instead of `rounds`, `tool`, `args` and `calls`. */
  readonly plan?: ReadonlyArray<ReadonlyArray<{ readonly tool: string; readonly args: unknown }>>;
  readonly text?: string;
  /** How many events that comes in. */
  readonly pieces?: number;
  /** Before the head of the answer. */
  readonly latencyMs?: number;
  /** How long the stream takes. */
  readonly streamMs?: number;
}

const isMode = (word: string): word is ModelMode => MODEL_MODES.some((mode) => mode === word);

/** `sim-429x2` is 429 for the first two calls of a run; `sim-cut` is cut always; any other name says nothing. */
export function scriptOfName(model: string): Partial<ModelScript> {
  const [, word = '', times] = /^sim-([a-z0-9-]+?)(?:x(\d{1,4}))?$/.exec(model) ?? [];
  if (!isMode(word)) return {};
  return times === undefined ? { mode: word } : { mode: word, times: Number(times) };
}
