import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayMaxSize, ArrayMinSize, ArrayUnique, IsArray, IsIn } from 'class-validator';
import { ALL_PERMISSIONS, KEY_ROLES, type KeyRole, type Permission } from '@flowmate/domain';
import { IsDisplayName } from '../http/display-name.js';
import { IsInstant } from '../http/instant.js';
import { MayBeAbsent } from '../http/may-be-absent.js';

export class CreateApiKeyDto {
  @ApiProperty({ example: 'nightly report', description: '1 to 80 characters.' })
  @IsDisplayName()
  name: string;

  @ApiPropertyOptional({
    example: 'service',
    enum: KEY_ROLES,
    default: 'service',
    description: '`service`: a program of yours. `integration`: a program of somebody else, which gets less.',
  })
  @MayBeAbsent()
  @IsIn(KEY_ROLES)
  role: KeyRole = 'service';

  @ApiProperty({
    example: ['members:read'],
    enum: ALL_PERMISSIONS,
    isArray: true,
    description: 'What the key may do: never more than its owner, whatever is written here.',
  })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(ALL_PERMISSIONS.length)
  @ArrayUnique()
  @IsIn(ALL_PERMISSIONS, { each: true })
  scopes: Permission[];

  @ApiPropertyOptional({ example: '2027-01-01T00:00:00Z', description: 'Without it the key is good until revoked.' })
  @MayBeAbsent()
  @IsInstant()
  expiresAt?: string;
}
