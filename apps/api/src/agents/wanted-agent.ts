import type { AgentDefinition } from '@flowmate/domain';

/** A definition of which anything may be missing, and parts of parts too. */
export interface WantedParts {
  readonly name?: string;
  readonly description?: string;
  readonly systemPrompt?: string;
  readonly model?: { readonly name?: string | null; readonly temperature?: number; readonly maxOutputTokens?: number };
  readonly tools?: readonly string[];
  readonly policies?: AgentDefinition['policies'];
  readonly limits?: { readonly timeoutMs?: number | null; readonly maxSteps?: number | null };
  readonly output?: Readonly<Record<string, unknown>> | null;
}

const modelOf = ({
  name,
  temperature,
  maxOutputTokens,
}: NonNullable<WantedParts['model']>): AgentDefinition['model'] => ({
  name: name ?? null,
  ...(temperature !== undefined && { temperature }),
  ...(maxOutputTokens !== undefined && { maxOutputTokens }),
});

const limitsOf = ({ timeoutMs, maxSteps }: NonNullable<WantedParts['limits']>): AgentDefinition['limits'] => ({
  timeoutMs: timeoutMs ?? null,
  maxSteps: maxSteps ?? null,
});

/** What a change says, and nothing that it does not say. */
export function changeOf(parts: WantedParts): Partial<AgentDefinition> {
  const { name, description, systemPrompt, model, tools, policies, limits, output } = parts;
  return {
    ...(name !== undefined && { name }),
    ...(description !== undefined && { description }),
    ...(systemPrompt !== undefined && { systemPrompt }),
    ...(model && { model: modelOf(model) }),
    ...(tools && { tools }),
    ...(policies && { policies: policies.map(({ tool, policy }) => ({ tool, policy })) }),
    ...(limits && { limits: limitsOf(limits) }),
    ...(output !== undefined && { output }),
  };
}

/** A whole definition: what is not said is as little as possible. */
export function definitionOf(parts: WantedParts & { readonly name: string }): AgentDefinition {
  return {
    description: '',
    systemPrompt: '',
    model: { name: null },
    tools: [],
    policies: [],
    limits: { timeoutMs: null, maxSteps: null },
    output: null,
    ...changeOf(parts),
    name: parts.name,
  };
}
