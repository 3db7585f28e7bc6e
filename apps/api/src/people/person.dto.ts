import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsIn } from 'class-validator';
import type { User } from '@flowmate/database';
import { PERSON_ROLES, TIERS, type PersonRole, type Tier } from '@flowmate/domain';
import { MayBeAbsent } from '../http/may-be-absent.js';

export class ChangePersonDto {
  @ApiPropertyOptional({ example: 'analyst', enum: PERSON_ROLES, description: 'The most that the person may be.' })
  @MayBeAbsent()
  @IsIn(PERSON_ROLES)
  role?: PersonRole;

  @ApiPropertyOptional({ example: 'pro', enum: TIERS, description: 'Of the personal workspace.' })
  @MayBeAbsent()
  @IsIn(TIERS)
  tier?: Tier;

  @ApiPropertyOptional({ example: true, description: 'Felt within five seconds.' })
  @MayBeAbsent()
  @IsBoolean()
  disabled?: boolean;
}

/** What an administrator sees of a person: nothing of what he makes. */
export class PersonResponse {
  @ApiProperty({ example: '65f0c0ffee0123456789abcd' })
  id: string;

  @ApiProperty({ example: 'ada@example.com' })
  email: string;

  @ApiProperty({ example: 'manager', enum: PERSON_ROLES })
  role: PersonRole;

  @ApiProperty({ example: '2026-01-24T10:00:00.000Z' })
  createdAt: string;

  @ApiPropertyOptional({ example: '2026-01-24T10:00:00.000Z' })
  lastSignInAt?: string;

  @ApiPropertyOptional({ example: '2026-01-25T10:00:00.000Z' })
  disabledAt?: string;

  @ApiPropertyOptional({ example: '2026-01-25T10:00:00.000Z', description: 'Erased thirty days later.' })
  deletedAt?: string;

  static from({ id, email, role, createdAt, lastSignInAt, disabledAt, deletedAt }: User): PersonResponse {
    return {
      id,
      email,
      role,
      createdAt: createdAt.toISOString(),
      ...(lastSignInAt && { lastSignInAt: lastSignInAt.toISOString() }),
      ...(disabledAt && { disabledAt: disabledAt.toISOString() }),
      ...(deletedAt && { deletedAt: deletedAt.toISOString() }),
    };
  }
}

export class PersonListResponse {
  @ApiProperty({ type: [PersonResponse], description: 'In the order in which they came.' })
  users: PersonResponse[];

  @ApiProperty({ example: null, type: String, nullable: true })
  nextCursor: string | null;
}
