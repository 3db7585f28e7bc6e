import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform, Type } from 'class-transformer';
import { IsBoolean, IsIn, IsInt, Matches, Max, Min } from 'class-validator';
import {
  ID_PATTERN,
  RUN_STATUSES,
  RUN_TRIGGERS,
  WAIT_REASONS,
  type RunStatus,
  type RunTrigger,
  type WaitReason,
} from '@flowmate/domain';
import { IdParams } from '../../http/id.params.js';
import { IsInstant } from '../../http/instant.js';
import { MayBeAbsent } from '../../http/may-be-absent.js';
import { PageQuery } from '../../http/page-query.js';
import { ERROR_CODE, EXTERNAL_ID, MAX_SEQ } from '../run-limits.js';

/** A million dollars. */
const MAX_MICROS = 1_000_000_000_000;
/** Entries are a kilobyte or two each. */
const MAX_ENTRIES = 500;
const DEFAULT_ENTRIES = 100;

export class RunsQuery extends PageQuery {
  @ApiPropertyOptional({ enum: RUN_STATUSES, example: 'failed' })
  @MayBeAbsent()
  @IsIn(RUN_STATUSES)
  status?: RunStatus;

  @ApiPropertyOptional({ enum: WAIT_REASONS, example: 'review', description: 'What a waiting run waits for.' })
  @MayBeAbsent()
  @IsIn(WAIT_REASONS)
  reason?: WaitReason;

  @ApiPropertyOptional({ example: '65f0c0ffee0123456789abcd' })
  @MayBeAbsent()
  @Matches(ID_PATTERN, { message: 'must be an id of 24 hex digits' })
  agentId?: string;

  @ApiPropertyOptional({ example: 3, type: 'integer', minimum: 1, description: 'Of the agent.' })
  @MayBeAbsent()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(MAX_SEQ)
  version?: number;

  @ApiPropertyOptional({ enum: RUN_TRIGGERS, example: 'api' })
  @MayBeAbsent()
  @IsIn(RUN_TRIGGERS)
  trigger?: RunTrigger;

  @ApiPropertyOptional({ example: '2026-01-24T10:00:00Z', description: 'Accepted then or later.' })
  @MayBeAbsent()
  @IsInstant()
  since?: string;

  @ApiPropertyOptional({ example: '2026-01-25T10:00:00Z', description: 'Accepted before.' })
  @MayBeAbsent()
  @IsInstant()
  until?: string;

  @ApiPropertyOptional({ example: 1_000, type: 'integer', minimum: 0, description: 'Millionths of a US dollar.' })
  @MayBeAbsent()
  @Type(() => Number)
  @IsInt()
  @Min(0)
  @Max(MAX_MICROS)
  minCostMicros?: number;

  @ApiPropertyOptional({ example: 1_000_000, type: 'integer', minimum: 0 })
  @MayBeAbsent()
  @Type(() => Number)
  @IsInt()
  @Min(0)
  @Max(MAX_MICROS)
  maxCostMicros?: number;

  @ApiPropertyOptional({ example: 'llm_unavailable' })
  @MayBeAbsent()
  @Matches(ERROR_CODE, { message: 'must be an error code' })
  errorCode?: string;

  @ApiPropertyOptional({ example: 'order-4711' })
  @MayBeAbsent()
  @Matches(EXTERNAL_ID, { message: 'must be an external id' })
  externalId?: string;
}

export class JournalQuery {
  @ApiPropertyOptional({ example: 10, type: 'integer', minimum: 0, description: 'Entries that follow this one.' })
  @MayBeAbsent()
  @Type(() => Number)
  @IsInt()
  @Min(0)
  @Max(MAX_SEQ)
  after?: number;

  @ApiPropertyOptional({
    example: 50,
    type: 'integer',
    minimum: 1,
    description: 'Entries right before this one: to read from the end.',
  })
  @MayBeAbsent()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(MAX_SEQ)
  before?: number;

  @ApiPropertyOptional({ example: DEFAULT_ENTRIES, type: 'integer', minimum: 1, maximum: MAX_ENTRIES })
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(MAX_ENTRIES)
  limit = DEFAULT_ENTRIES;

  @ApiPropertyOptional({ example: true, description: 'Texts of people, models and tools are left out.' })
  @MayBeAbsent()
  @Transform(({ value }: { value: unknown }) => (value === 'true' ? true : value === 'false' ? false : value))
  @IsBoolean()
  summary?: boolean;
}

export class PayloadParams extends IdParams {
  @ApiProperty({ example: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08' })
  @Matches(/^[0-9a-f]{64}$/, { message: 'must be a reference of 64 hex digits' })
  ref: string;
}
