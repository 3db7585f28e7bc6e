import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayUnique,
  IsArray,
  IsIn,
  IsInt,
  IsNumber,
  IsObject,
  IsOptional,
  Matches,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';
import { POLICIES, type Policy } from '@flowmate/domain';
import { IsDisplayName } from '../../http/display-name.js';
import { MayBeAbsent } from '../../http/may-be-absent.js';
import { IsPlainText } from '../../http/plain-text.js';
import { MAX_TIMEOUT_MS, MIN_TIMEOUT_MS } from '../../runs/run-limits.js';

/** Promise FM-44. */
const MAX_PROMPT = 5_000;
/** A paragraph, for lists. */
const MAX_DESCRIPTION = 500;
/** More confuse models; OpenAI itself takes 128. */
const MAX_TOOLS = 50;
/** A loop that is not done after so many steps goes round in circles. */
const MAX_STEPS = 25;

/** The largest answer of today's models is below. */
const MAX_OUTPUT_TOKENS = 200_000;
/** As providers name them, with their maker and a tag: `gpt-4.1-mini`, `meta-llama/Llama-3.3-70B`, `qwen3:8b`. */
const MODEL_NAME = /^[A-Za-z0-9][A-Za-z0-9._:/@-]{0,99}$/;
/** As long as the longest id could be; whether there is such a tool is asked of the catalogue. */
const TOOL_ID = /^[a-z][a-z0-9_.-]{0,63}$/;

class AgentModelDto {
  @ApiPropertyOptional({
    example: 'gpt-4.1-mini',
    nullable: true,
    type: String,
    description: 'Without it: the default of the instance.',
  })
  @IsOptional()
  @Matches(MODEL_NAME, { message: 'must be the name of a model' })
  name?: string | null;

  @ApiPropertyOptional({ example: 0.2, minimum: 0, maximum: 2 })
  @MayBeAbsent()
  @IsNumber()
  @Min(0)
  @Max(2)
  temperature?: number;

  @ApiPropertyOptional({ example: 2_000, type: 'integer', minimum: 1, maximum: MAX_OUTPUT_TOKENS })
  @MayBeAbsent()
  @IsInt()
  @Min(1)
  @Max(MAX_OUTPUT_TOKENS)
  maxOutputTokens?: number;
}

class ToolPolicyDto {
  @ApiProperty({ example: 'http.request' })
  @Matches(TOOL_ID, { message: 'must be the id of a tool' })
  tool: string;

  @ApiProperty({ example: 'ask', enum: POLICIES, description: 'Use it, ask a person first, or not at all.' })
  @IsIn(POLICIES)
  policy: Policy;
}

class AgentLimitsDto {
  @ApiPropertyOptional({
    example: 60_000,
    nullable: true,
    type: 'integer',
    minimum: MIN_TIMEOUT_MS,
    maximum: MAX_TIMEOUT_MS,
    description: 'How long a run may be at work; waiting does not count. Without it: the default of the instance.',
  })
  @IsOptional()
  @IsInt()
  @Min(MIN_TIMEOUT_MS)
  @Max(MAX_TIMEOUT_MS)
  timeoutMs?: number | null;

  @ApiPropertyOptional({
    example: 10,
    nullable: true,
    type: 'integer',
    minimum: 1,
    maximum: MAX_STEPS,
    description: `Calls of the model in a run. Without it: ${MAX_STEPS}.`,
  })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(MAX_STEPS)
  maxSteps?: number | null;
}

/** What an agent is made of, but for its name: all of it may be left out. */
class AgentPartsDto {
  @ApiPropertyOptional({ example: 'Writes the weekly report.', maxLength: MAX_DESCRIPTION })
  @MayBeAbsent()
  @IsPlainText({ min: 0, max: MAX_DESCRIPTION })
  description?: string;

  @ApiPropertyOptional({ example: 'You write short reports in plain English.', maxLength: MAX_PROMPT })
  @MayBeAbsent()
  @IsPlainText({ min: 0, max: MAX_PROMPT })
  systemPrompt?: string;

  @ApiPropertyOptional({ type: AgentModelDto })
  @MayBeAbsent()
  @IsObject()
  @ValidateNested()
  @Type(() => AgentModelDto)
  model?: AgentModelDto;

  @ApiPropertyOptional({ example: ['time.now', 'http.get'], type: [String], maxItems: MAX_TOOLS })
  @MayBeAbsent()
  @IsArray()
  @ArrayMaxSize(MAX_TOOLS)
  @ArrayUnique()
  @Matches(TOOL_ID, { each: true, message: 'must be ids of tools' })
  tools?: string[];

  @ApiPropertyOptional({
    type: [ToolPolicyDto],
    maxItems: MAX_TOOLS,
    description: 'For tools of this agent that it should treat in another way than their risk says.',
  })
  @MayBeAbsent()
  @IsArray()
  @ArrayMaxSize(MAX_TOOLS)
  @ArrayUnique((policy?: Partial<ToolPolicyDto> | null) => policy?.tool)
  @ValidateNested({ each: true })
  @Type(() => ToolPolicyDto)
  policies?: ToolPolicyDto[];

  @ApiPropertyOptional({ type: AgentLimitsDto })
  @MayBeAbsent()
  @IsObject()
  @ValidateNested()
  @Type(() => AgentLimitsDto)
  limits?: AgentLimitsDto;

  @ApiPropertyOptional({
    example: { type: 'object', properties: { title: { type: 'string' } }, required: ['title'] },
    nullable: true,
    type: 'object',
    additionalProperties: true,
    description:
      'What an answer must look like, as JSON Schema of an object: type, properties, required, items, enum, const, anyOf, bounds. Null: text.',
  })
  @IsOptional()
  @IsObject()
  output?: Record<string, unknown> | null;
}

export class CreateAgentDto extends AgentPartsDto {
  @ApiProperty({ example: 'Reporter', minLength: 1, maxLength: 80 })
  @IsDisplayName()
  name: string;
}

export class UpdateAgentDto extends AgentPartsDto {
  @ApiPropertyOptional({ example: 'Reporter', minLength: 1, maxLength: 80 })
  @MayBeAbsent()
  @IsDisplayName()
  name?: string;
}
