import type { JsonSchema } from '../json.js';
import type { Policy } from '../tool/tool-traits.js';

/** Which model an agent asks, and how. */
export interface AgentModel {
  /** `null`: the default of the instance, whatever that is at the time of a call. */
  readonly name: string | null;
  readonly temperature?: number;
  readonly maxOutputTokens?: number;
}

/** What an agent says about one of its tools; without a word the tool's own risk decides. */
export interface ToolPolicy {
  readonly tool: string;
  readonly policy: Policy;
}

/** Bounds of a run. `null`: those of the instance. */
export interface AgentLimits {
  readonly timeoutMs: number | null;
  readonly maxSteps: number | null;
}

/** What people write, and what a version of an agent pins for ever: a run needs nothing else of it. */
export interface AgentDefinition {
  readonly name: string;
  readonly description: string;
  readonly systemPrompt: string;
  readonly model: AgentModel;
  /** Ids, each once. */
  readonly tools: readonly string[];
  /** Only of tools that are in {@link AgentDefinition.tools}, each once. */
  readonly policies: readonly ToolPolicy[];
  readonly limits: AgentLimits;
  /** What an answer must look like; `null`: text. */
  readonly output: JsonSchema | null;
}

/** An agent as it stands: its newest version. */
export interface Agent extends AgentDefinition {
  readonly id: string;
  readonly workspaceId: string;
  /** From 1; each save is one more. */
  readonly version: number;
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** One save. It never changes. */
export interface AgentVersion extends AgentDefinition {
  readonly agentId: string;
  readonly workspaceId: string;
  readonly version: number;
  readonly createdBy: string;
  readonly createdAt: Date;
}
