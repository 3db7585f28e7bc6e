import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { AuditPage, AuditRecord } from '@flowmate/audit';
import { AUDIT_ACTIONS, AUDIT_ACTORS, AUDIT_OUTCOMES } from '@flowmate/domain';
import { cursorAt } from '../http/page-query.js';

export class AuditActorResponse {
  @ApiProperty({ enum: AUDIT_ACTORS, example: 'user' })
  kind: string;

  @ApiPropertyOptional({ example: '65f0c0ffee0123456789abcd' })
  id?: string;
}

export class AuditTargetResponse {
  @ApiProperty({ example: 'key' })
  kind: string;

  @ApiProperty({ example: '65f0c0ffee0123456789abce' })
  id: string;
}

export class AuditOriginResponse {
  @ApiPropertyOptional({ example: '192.0.2.17' })
  address?: string;

  @ApiPropertyOptional({ example: 'curl/8.14.1' })
  userAgent?: string;
}

export class AuditEntryResponse {
  @ApiProperty({ type: 'integer', description: 'Its place in the trail, from 1, without gaps.', example: 42 })
  seq: number;

  @ApiProperty({ format: 'date-time', example: '2026-01-31T10:00:00.000Z' })
  at: string;

  @ApiProperty({ enum: AUDIT_ACTIONS, example: 'key.created' })
  action: string;

  @ApiProperty({ description: 'Who did it.', example: { kind: 'user', id: '65f0c0ffee0123456789abcd' } })
  actor: AuditActorResponse;

  @ApiPropertyOptional({ description: 'On what.', example: { kind: 'key', id: '65f0c0ffee0123456789abce' } })
  target?: AuditTargetResponse;

  @ApiProperty({ enum: AUDIT_OUTCOMES, example: 'done' })
  outcome: string;

  @ApiPropertyOptional({ description: 'From where.', example: { address: '192.0.2.17', userAgent: 'curl/8.14.1' } })
  from?: AuditOriginResponse;

  @ApiPropertyOptional({ type: 'object', additionalProperties: true, example: { role: 'service' } })
  details?: Readonly<Record<string, string | number | boolean>>;

  @ApiPropertyOptional({
    description: 'Of the request that caused it.',
    example: '0b0f3f0e-4b5c-4c3d-9a53-0d5d7f3a1c11',
  })
  correlationId?: string;

  @ApiProperty({
    description: 'Chains it to the entry before it. An operator verifies the chain with `flowmate audit verify`.',
    example: 'jfyZjyQaz6YjNhuj6WDq3qiOy-yaN_IWwHCZYPt9css',
  })
  hash: string;

  static from({ trail: _, at, ...record }: AuditRecord): AuditEntryResponse {
    return { ...record, at: at.toISOString() };
  }
}

export class AuditPageResponse {
  @ApiProperty({
    type: [AuditEntryResponse],
    description: 'The newest first.',
  })
  entries: AuditEntryResponse[];

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'Of the next page; null on the last one.',
    example: 'MS4xMjM',
  })
  nextCursor: string | null;

  static from({ entries, next }: AuditPage): AuditPageResponse {
    return { entries: entries.map((entry) => AuditEntryResponse.from(entry)), nextCursor: cursorAt(next) };
  }
}
