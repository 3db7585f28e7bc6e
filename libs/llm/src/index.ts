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
export type { ModelCall, ModelMessage, ModelPort, ModelRequest, ModelTool } from './model-port.js';
