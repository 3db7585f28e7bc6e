import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsBoolean, IsIn, IsOptional, Matches } from 'class-validator';
import { ID_PATTERN, PERSON_ROLES, type PersonRole } from '@flowmate/domain';
import { INVITE_TOKEN_PATTERN } from '@flowmate/identity';
import { IsDisplayName } from '../http/display-name.js';
import { IsEmailAddress } from '../http/email-address.validator.js';
import { IdParams } from '../http/id.params.js';

export class NameWorkspaceDto {
  @ApiProperty({ example: 'Research', minLength: 1, maxLength: 80 })
  @IsDisplayName()
  name: string;
}

export class WorkspacesQuery {
  @ApiPropertyOptional({ example: true, description: 'Those that were deleted and can still be restored.' })
  @IsOptional()
  @Transform(({ value }: { value: unknown }) => (value === 'true' ? true : value === 'false' ? false : value))
  @IsBoolean()
  deleted?: boolean;
}

export class MemberParams extends IdParams {
  @ApiProperty({ example: '65f0c0ffee0123456789abce' })
  @Matches(ID_PATTERN)
  userId: string;
}

export class InviteParams extends IdParams {
  @ApiProperty({ example: '65f0c0ffee0123456789abcf' })
  @Matches(ID_PATTERN)
  inviteId: string;
}

export class ChangeMemberDto {
  @ApiProperty({ example: 'analyst', enum: PERSON_ROLES, description: 'In this workspace; never above your own.' })
  @IsIn(PERSON_ROLES)
  role: PersonRole;
}

export class InviteDto extends ChangeMemberDto {
  @ApiProperty({ example: 'ada@example.com', maxLength: 254 })
  @IsEmailAddress()
  email: string;
}

export class AcceptInviteDto {
  @ApiProperty({ example: 'b1d0c5a7e9f24c6b8a3d5e7f90123456789abcdefgh', description: 'From the mail.' })
  @Matches(INVITE_TOKEN_PATTERN)
  token: string;
}
