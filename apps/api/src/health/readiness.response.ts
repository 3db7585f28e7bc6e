import { ApiExtraModels, ApiProperty, ApiPropertyOptional, getSchemaPath } from '@nestjs/swagger';
import type { ComponentReport, ComponentStatus, DetailedReport, Readiness, ReadinessReport } from '@flowmate/health';

const READINESS = ['ready', 'degraded', 'not_ready'] satisfies readonly Readiness[];
const STATUSES = ['starting', 'up', 'down'] satisfies readonly ComponentStatus[];

export class ComponentStatusResponse {
  @ApiProperty({ enum: STATUSES, example: 'up' })
  status: ComponentStatus;
}

@ApiExtraModels(ComponentStatusResponse)
export class ReadinessResponse implements ReadinessReport {
  @ApiProperty({
    enum: READINESS.filter((status) => status !== 'not_ready'),
    description: '`degraded`: everything is served, some of it later.',
    example: 'ready',
  })
  status: Readiness;

  @ApiProperty({
    type: 'object',
    additionalProperties: { $ref: getSchemaPath(ComponentStatusResponse) },
    example: { mongodb: { status: 'up' }, redis: { status: 'up' } },
  })
  components: Record<string, ComponentStatusResponse>;
}

export class ComponentReportResponse implements ComponentReport {
  @ApiProperty({ enum: STATUSES, example: 'up' })
  status: ComponentStatus;

  @ApiProperty({ description: 'Whether the process cannot serve without it.', example: true })
  isRequired: boolean;

  @ApiProperty({ type: 'integer', description: 'Checks in a row that failed.', example: 0 })
  failures: number;

  @ApiProperty({ required: false, description: 'A stable word for what is wrong.', example: 'timeout' })
  reason?: string;

  @ApiProperty({ type: 'integer', required: false, example: 2 })
  latencyMs?: number;

  @ApiProperty({ type: 'integer', required: false, example: 3 })
  secondsSinceCheck?: number;

  @ApiPropertyOptional({ type: 'object', additionalProperties: true, example: { version: '8.0.4' } })
  facts?: Record<string, string | number | boolean>;
}

const EXAMPLE = {
  mongodb: {
    status: 'up',
    isRequired: true,
    failures: 0,
    latencyMs: 2,
    secondsSinceCheck: 3,
    facts: { clockSkewMs: 1 },
  },
};

@ApiExtraModels(ComponentReportResponse)
export class HealthDetailsResponse implements DetailedReport {
  @ApiProperty({ enum: READINESS, example: 'ready' })
  status: Readiness;

  @ApiProperty({
    type: 'object',
    additionalProperties: { $ref: getSchemaPath(ComponentReportResponse) },
    example: EXAMPLE,
  })
  components: Record<string, ComponentReportResponse>;
}
