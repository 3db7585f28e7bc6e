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
