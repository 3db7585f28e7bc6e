import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { POLICIES, type Agent, type AgentDefinition, type AgentVersion, type Policy } from '@flowmate/domain';

class AgentModelResponse {
  @ApiProperty({ example: 'gpt-4.1-mini', nullable: true, type: String })
  name: string | null;

  @ApiPropertyOptional({ example: 0.2 })
  temperature?: number;

  @ApiPropertyOptional({ example: 2_000, type: 'integer' })
  maxOutputTokens?: number;
}

class ToolPolicyResponse {
  @ApiProperty({ example: 'http.request' })
  tool: string;

  @ApiProperty({ example: 'ask', enum: POLICIES })
  policy: Policy;
}

class AgentLimitsResponse {
  @ApiProperty({ example: 60_000, nullable: true, type: 'integer' })
  timeoutMs: number | null;

  @ApiProperty({ example: 10, nullable: true, type: 'integer' })
  maxSteps: number | null;
}

class AgentDefinitionResponse {
  @ApiProperty({ example: 'Reporter' })
  name: string;

  @ApiProperty({ example: 'Writes the weekly report.' })
  description: string;

  @ApiProperty({ example: 'You write short reports in plain English.' })
  systemPrompt: string;

  @ApiProperty({ type: AgentModelResponse })
  model: AgentModelResponse;

  @ApiProperty({ example: ['time.now', 'http.get'], type: [String] })
  tools: string[];

  @ApiProperty({ type: [ToolPolicyResponse] })
  policies: ToolPolicyResponse[];

  @ApiProperty({ type: AgentLimitsResponse })
  limits: AgentLimitsResponse;

  @ApiProperty({
    example: { type: 'object', properties: { title: { type: 'string' } }, required: ['title'] },
    nullable: true,
    type: 'object',
    additionalProperties: true,
  })
  output: Record<string, unknown> | null;
}

export class AgentResponse extends AgentDefinitionResponse {
  @ApiProperty({ example: '65f0c0ffee0123456789abcd' })
  id: string;

  @ApiProperty({ example: 3, type: 'integer', description: 'The newest version; also in the ETag.' })
  version: number;

  @ApiProperty({ example: '65f0c0ffee0123456789abce' })
  createdBy: string;

  @ApiProperty({ example: '2026-01-24T10:00:00.000Z' })
  createdAt: string;

  @ApiProperty({ example: '2026-01-25T10:00:00.000Z' })
  updatedAt: string;

  static from(agent: Agent): AgentResponse {
    const { id, version, createdBy, createdAt, updatedAt } = agent;
    return {
      id,
      version,
      ...definition(agent),
      createdBy,
      createdAt: createdAt.toISOString(),
      updatedAt: updatedAt.toISOString(),
    };
  }
}

export class AgentSummaryResponse {
  @ApiProperty({ example: '65f0c0ffee0123456789abcd' })
  id: string;

  @ApiProperty({ example: 'Reporter' })
  name: string;

  @ApiProperty({ example: 'Writes the weekly report.' })
  description: string;

  @ApiProperty({ example: 3, type: 'integer' })
  version: number;

  @ApiProperty({ example: ['time.now', 'http.get'], type: [String] })
  tools: string[];

  @ApiProperty({ example: '2026-01-24T10:00:00.000Z' })
  createdAt: string;

  @ApiProperty({ example: '2026-01-25T10:00:00.000Z' })
  updatedAt: string;

  static from({ id, name, description, version, tools, createdAt, updatedAt }: Agent): AgentSummaryResponse {
    return {
      id,
      name,
      description,
      version,
      tools: [...tools],
      createdAt: createdAt.toISOString(),
      updatedAt: updatedAt.toISOString(),
    };
  }
}

export class AgentListResponse {
  @ApiProperty({ type: [AgentSummaryResponse], description: 'The latest first.' })
  agents: AgentSummaryResponse[];

  @ApiProperty({ example: null, type: String, nullable: true })
  nextCursor: string | null;
}

export class AgentVersionResponse extends AgentDefinitionResponse {
  @ApiProperty({ example: 2, type: 'integer' })
  version: number;

  @ApiProperty({ example: '65f0c0ffee0123456789abce', description: 'Who saved it.' })
  createdBy: string;

  @ApiProperty({ example: '2026-01-24T10:00:00.000Z' })
  createdAt: string;

  static from(version: AgentVersion): AgentVersionResponse {
    const { createdBy, createdAt } = version;
    return { version: version.version, ...definition(version), createdBy, createdAt: createdAt.toISOString() };
  }
}

export class AgentVersionListResponse {
  @ApiProperty({ type: [AgentVersionResponse], description: 'The newest first.' })
  versions: AgentVersionResponse[];

  @ApiProperty({ example: null, type: String, nullable: true })
  nextCursor: string | null;
}

function definition({ tools, policies, output, ...rest }: AgentDefinition): AgentDefinitionResponse {
  const { name, description, systemPrompt, model, limits } = rest;
  return {
    name,
    description,
    systemPrompt,
    model: { ...model },
    tools: [...tools],
    policies: policies.map((policy) => ({ ...policy })),
    limits: { ...limits },
    output: output && { ...output },
  };
}
