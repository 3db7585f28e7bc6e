import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, Max, Min } from 'class-validator';
import { IdParams } from '../../http/id.params.js';
import { MayBeAbsent } from '../../http/may-be-absent.js';
import { PageQuery } from '../../http/page-query.js';
import { IsPlainText } from '../../http/plain-text.js';

/** Nobody types more to find a name of eighty. */
const MAX_PREFIX = 64;
/** As many saves as an ETag can name. */
const MAX_VERSION = 999_999_999;

export class AgentsQuery extends PageQuery {
  @ApiPropertyOptional({ example: 'rep', maxLength: MAX_PREFIX, description: 'What names begin with, in any case.' })
  @MayBeAbsent()
  @IsPlainText({ min: 1, max: MAX_PREFIX })
  name?: string;
}

export class AgentVersionParams extends IdParams {
  @ApiProperty({ example: 1, type: 'integer', minimum: 1 })
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(MAX_VERSION)
  version: number;
}
