import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';

export class InputIssueResponse {
  @ApiProperty({ description: 'Where, as a path of field names.', example: 'model.temperature' })
  path: string;

  @ApiProperty({ description: 'Which rule, stable.', example: 'max' })
  rule: string;

  @ApiProperty({
    description: 'What the rule asks for. Never the value that was sent.',
    example: 'must not be greater than 2',
  })
  message: string;
}

/** Every error answer has this shape (RFC 9457). */
export class ProblemResponse {
  @ApiProperty({
    description: 'Where the code is explained.',
    format: 'uri-reference',
    example: '/api/docs/errors#not_found',
  })
  type: string;

  @ApiProperty({ example: 'Not found' })
  title: string;

  @ApiProperty({ type: 'integer', example: 404 })
  status: number;

  @ApiProperty({ example: 'There is nothing at this address.' })
  detail: string;

  @ApiProperty({ description: 'The path that was asked for.', format: 'uri-reference', example: '/api/v1/unknown' })
  instance: string;

  @ApiProperty({ description: 'Stable for ever. Decide by this, not by the text.', example: 'not_found' })
  code: string;

  @ApiProperty({
    description: 'The same as in our log. Quote it when you report a problem.',
    example: '0b0f3f0e-4b5c-4c3d-9a53-0d5d7f3a1c11',
  })
  correlationId: string;

  @ApiPropertyOptional({ type: [InputIssueResponse], description: 'For input: everything that is wrong with it.' })
  errors?: InputIssueResponse[];

  @ApiPropertyOptional({
    type: 'object',
    description: 'For readiness: what is there and what is missing.',
    example: { mongodb: { status: 'down' }, redis: { status: 'up' } },
    additionalProperties: {
      type: 'object',
      properties: { status: { type: 'string', enum: ['starting', 'up', 'down'] } },
    },
  })
  components?: Record<string, { status: string }>;
}
