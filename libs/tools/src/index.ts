export { httpGet } from './builtin/http-get.tool.js';
export { httpRequest, type HttpRequestOptions } from './builtin/http-request.tool.js';
export { memoryGet } from './builtin/memory-get.tool.js';
export { memorySet } from './builtin/memory-set.tool.js';
export { notifyEmail, type Notice, type NoticePort } from './builtin/notify-email.tool.js';
export { timeNow } from './builtin/time-now.tool.js';
export { BUILT_IN_MANIFESTS, builtInTools, type BuiltInParts } from './builtin/built-in-tools.js';
export type { MemoryEntry, MemoryPlace, MemoryPort } from './builtin/memory.js';
export { answerText } from './http/answer-text.js';
export { httpCall, type HttpCall } from './http/http-call.js';
export { canonicalJson } from './port/canonical-json.js';
export { parseArgs } from './port/parse-args.js';
export { reconcileTool, runTool } from './port/run-tool.js';
export {
  TOOL_FAILURE_CODES,
  ToolFailure,
  type ToolEffect,
  type ToolFailureCode,
  type ToolFailureOptions,
} from './port/tool-failure.js';
export { manifestHash, toolKey, type CallIdentity } from './port/tool-key.js';
export { ToolRegistry } from './port/tool-registry.js';
export { toolSchema } from './port/tool-schema.js';
export {
  traitsOf,
  type OutputLabel,
  type Tool,
  type ToolContext,
  type ToolDescription,
  type ToolEffects,
  type ToolManifest,
  type ToolOutput,
  type ToolTraits,
} from './port/tool.js';
