import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ValidateIf } from 'class-validator';
import { IsEmailAddress } from '../../http/email-address.validator.js';
import { IsOwnPath, MAX_OWN_PATH_LENGTH } from '../../http/own-path.js';

export class RequestLinkDto {
  @ApiProperty({ example: 'ada@example.com', maxLength: 254 })
  @IsEmailAddress()
  email: string;

  @ApiPropertyOptional({
    example: '/agents?tag=mail',
    maxLength: MAX_OWN_PATH_LENGTH,
    description: 'Where the page goes after signing in: a path of this instance.',
  })
  @ValidateIf((_, value) => value !== undefined)
  @IsOwnPath()
  redirectTo?: string;
}
