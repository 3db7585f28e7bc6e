import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsIn, IsInt, Matches, Max, Min } from 'class-validator';
import { MayBeAbsent } from '../../http/may-be-absent.js';
import { MayBeEmpty } from '../../http/may-be-empty.js';
import { IsPlainText } from '../../http/plain-text.js';
import { EXTERNAL_ID, MAX_SEQ, MAX_TIMEOUT_MS, MIN_TIMEOUT_MS } from '../run-limits.js';

/** Promise FM-40. */
const MAX_INPUT = 5_000;

export class RunAgentDto {
  @ApiProperty({ example: 'What time is it in Tokyo?', minLength: 1, maxLength: MAX_INPUT })
  @IsPlainText({ min: 1, max: MAX_INPUT })
  input: string;

  @ApiPropertyOptional({
    example: 30_000,
    type: 'integer',
    minimum: MIN_TIMEOUT_MS,
    maximum: MAX_TIMEOUT_MS,
    description: 'How long the run may be at work; waiting does not count. Without it: as the agent says.',
  })
  @MayBeAbsent()
  @IsInt()
  @Min(MIN_TIMEOUT_MS)
  @Max(MAX_TIMEOUT_MS)
  timeoutMs?: number;

  @ApiPropertyOptional({
    example: 'order-4711',
    maxLength: 128,
    description: 'Your own name for it, to find it by. It need not be the only one.',
  })
  @MayBeAbsent()
  @Matches(EXTERNAL_ID, { message: 'must be 1 to 128 letters, digits, dots, colons, dashes, slashes or underscores' })
  externalId?: string;
}

@MayBeEmpty()
export class RetryRunDto {
  @ApiPropertyOptional({
    type: 'boolean',
    example: true,
    default: false,
    description: 'Although the run has changed something.',
  })
  @MayBeAbsent()
  @IsBoolean()
  repeat = false;
}

export class ReviewRunDto {
  @ApiProperty({ example: 7, type: 'integer', minimum: 1, description: 'Of the call that waits: `openReviews`.' })
  @IsInt()
  @Min(1)
  @Max(MAX_SEQ)
  seq: number;

  @ApiProperty({ example: 'done', enum: ['done', 'again'], description: 'It took effect, or it is to be sent again.' })
  @IsIn(['done', 'again'])
  decision: 'done' | 'again';

  @ApiPropertyOptional({ example: 'Issue 42 was opened.', maxLength: MAX_INPUT, description: 'For the model.' })
  @MayBeAbsent()
  @IsPlainText({ min: 1, max: MAX_INPUT })
  result?: string;
}
