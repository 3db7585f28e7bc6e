import { ApiProperty } from '@nestjs/swagger';
import { IDEMPOTENCY_CLASSES, POLICIES, RISKS, type IdempotencyClass, type Policy, type Risk } from '@flowmate/domain';
import type { DescribedTool } from './tool-catalog.js';

export class ToolResponse {
  @ApiProperty({ example: 'http.get' })
  id: string;

  @ApiProperty({ example: 'Read a web address' })
  title: string;

  @ApiProperty({ example: 'Reads a public web page or JSON API with GET.', description: 'As models are told.' })
  description: string;

  @ApiProperty({ example: 'read', enum: RISKS, description: 'The most that a call can do to the world.' })
  risk: Risk;

  @ApiProperty({
    example: 'R',
    enum: IDEMPOTENCY_CLASSES,
    description:
      'What happens when nobody knows whether a call took effect. R, A: it is sent again, safely. B: it is looked up first. C: a person decides.',
  })
  class: IdempotencyClass;

  @ApiProperty({ example: 'allow', enum: POLICIES, description: 'What holds when an agent says nothing.' })
  defaultPolicy: Policy;

  @ApiProperty({ example: [], type: [String], description: 'What a connection must allow; none without an account.' })
  scopes: string[];

  @ApiProperty({
    example: { type: 'object', properties: { url: { type: 'string' } }, required: ['url'] },
    description: 'The arguments as JSON Schema.',
    type: 'object',
    additionalProperties: true,
  })
  parameters: Record<string, unknown>;

  @ApiProperty({ example: 15_000, type: 'integer' })
  timeoutMs: number;

  @ApiProperty({ example: 65_536, type: 'integer', description: 'What is longer is cut off, with a note.' })
  outputBytes: number;

  static from({ scopes, parameters, ...tool }: DescribedTool): ToolResponse {
    return { ...tool, scopes: [...scopes], parameters: { ...parameters } };
  }
}

export class ToolListResponse {
  @ApiProperty({ type: [ToolResponse] })
  tools: ToolResponse[];
}
