import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsISO8601, IsOptional, IsString, Matches } from 'class-validator';
import { AUDIT_ACTIONS, AUDIT_OUTCOMES, type AuditAction } from '@flowmate/domain';
import { PageQuery } from '../http/page-query.js';

/** Ids of ours, and routes such as `POST /api/v1/keys`. */
const ID = /^[\w /:.-]{1,200}$/;
const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)$/;
const MESSAGE = { message: 'must be a moment such as 2026-01-31T10:00:00Z' };

export class AuditQueryParameters extends PageQuery {
  @ApiPropertyOptional({
    enum: ['workspace', 'instance'],
    default: 'workspace',
    description: 'Which trail: the one of the workspace of the request, or, for administrators, that of the instance.',
    example: 'workspace',
  })
  @IsIn(['workspace', 'instance'])
  trail: 'workspace' | 'instance' = 'workspace';

  @ApiPropertyOptional({ enum: AUDIT_ACTIONS, example: 'key.created' })
  @IsOptional()
  @IsIn(AUDIT_ACTIONS)
  action?: AuditAction;

  @ApiPropertyOptional({ description: 'Id of who acted.', example: '65f0c0ffee0123456789abcd' })
  @IsOptional()
  @IsString()
  @Matches(ID)
  actor?: string;

  @ApiPropertyOptional({ description: 'Id of what was acted on.', example: '65f0c0ffee0123456789abcd' })
  @IsOptional()
  @IsString()
  @Matches(ID)
  target?: string;

  @ApiPropertyOptional({ enum: AUDIT_OUTCOMES, example: 'refused' })
  @IsOptional()
  @IsIn(AUDIT_OUTCOMES)
  outcome?: (typeof AUDIT_OUTCOMES)[number];

  @ApiPropertyOptional({ description: 'From this moment on.', format: 'date-time', example: '2026-01-01T00:00:00Z' })
  @IsOptional()
  @IsISO8601({ strict: true }, MESSAGE)
  @Matches(MOMENT, MESSAGE)
  from?: string;

  @ApiPropertyOptional({ description: 'Before this moment.', format: 'date-time', example: '2026-02-01T00:00:00Z' })
  @IsOptional()
  @IsISO8601({ strict: true }, MESSAGE)
  @Matches(MOMENT, MESSAGE)
  to?: string;
}
