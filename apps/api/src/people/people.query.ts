import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsBoolean, IsIn, IsString, MaxLength } from 'class-validator';
import { PERSON_ROLES, type PersonRole } from '@flowmate/domain';
import { PageQuery } from '../http/page-query.js';
import { MayBeAbsent } from '../http/may-be-absent.js';

/** RFC 5321. */
const MAX_EMAIL_LENGTH = 254;

export class PeopleQuery extends PageQuery {
  @ApiPropertyOptional({ example: 'ada@example.com', description: 'The whole address.' })
  @MayBeAbsent()
  @IsString()
  @MaxLength(MAX_EMAIL_LENGTH)
  email?: string;

  @ApiPropertyOptional({ example: 'admin', enum: PERSON_ROLES })
  @MayBeAbsent()
  @IsIn(PERSON_ROLES)
  role?: PersonRole;

  @ApiPropertyOptional({ example: false })
  @MayBeAbsent()
  @Transform(({ value }: { value: unknown }) => (value === 'true' ? true : value === 'false' ? false : value))
  @IsBoolean()
  disabled?: boolean;
}
