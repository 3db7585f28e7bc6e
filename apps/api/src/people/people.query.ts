import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsBoolean, IsIn, IsOptional, IsString, MaxLength } from 'class-validator';
import { PERSON_ROLES, type PersonRole } from '@flowmate/domain';
import { PageQuery } from '../http/page-query.js';

/** RFC 5321. */
const MAX_EMAIL_LENGTH = 254;

export class PeopleQuery extends PageQuery {
  @ApiPropertyOptional({ example: 'ada@example.com', description: 'The whole address.' })
  @IsOptional()
  @IsString()
  @MaxLength(MAX_EMAIL_LENGTH)
  email?: string;

  @ApiPropertyOptional({ example: 'admin', enum: PERSON_ROLES })
  @IsOptional()
  @IsIn(PERSON_ROLES)
  role?: PersonRole;

  @ApiPropertyOptional({ example: false })
  @IsOptional()
  @Transform(({ value }: { value: unknown }) => (value === 'true' ? true : value === 'false' ? false : value))
  @IsBoolean()
  disabled?: boolean;
}
