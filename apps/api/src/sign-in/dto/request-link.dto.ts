import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Matches, MaxLength, ValidateIf } from 'class-validator';
import { IsEmailAddress } from '../../http/email-address.validator.js';

/** One slash, so that no browser takes it for a host; nothing that browsers drop or turn around. */
const OWN_PATH = /^\/(?![/\\])[^\\\p{Cc}]*$/u;
const MAX_PATH_LENGTH = 500;

export class RequestLinkDto {
  @ApiProperty({ example: 'ada@example.com', maxLength: 254 })
  @IsEmailAddress()
  email: string;

  @ApiPropertyOptional({
    example: '/agents?tag=mail',
    maxLength: MAX_PATH_LENGTH,
    description: 'Where the page goes after signing in: a path of this instance.',
  })
  @ValidateIf((_, value) => value !== undefined)
  @Matches(OWN_PATH, { message: 'must be a path of this instance' })
  @MaxLength(MAX_PATH_LENGTH)
  redirectTo?: string;
}
