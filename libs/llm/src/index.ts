export { Breaker, outcomeOf, type Admission, type BreakerOptions, type CallOutcome } from './breaker.js';
export {
  ContextLengthError,
  ModelAbortedError,
  ModelAuthError,
  ModelBadRequestError,
  ModelError,
  ModelInvalidAnswerError,
  ModelRateLimitedError,
  ModelTimeoutError,
  ModelUnavailableError,
  type ModelErrorNature,
  type ModelErrorOptions,
} from './model.errors.js';
export { modelFromEnv, type ModelSetup } from './model-from-env.js';
export type { ModelCall, ModelMessage, ModelPort, ModelRequest, ModelTool } from './model-port.js';
export { OpenAiLlm, type OpenAiOptions } from './openai/openai.llm.js';
export { contextWindowOf, costMicros, priceOf, PRICES_AS_OF, type ModelPrice, type TokenCounts } from './prices.js';
export { demonstration } from './scripted/demonstration.js';
export { ScriptedLlm, type Script, type ScriptedCall, type ScriptedStep } from './scripted/scripted.llm.js';
export { estimatedInputTokens, worstCaseMicros, worstCaseTokens } from './tokens.js';
