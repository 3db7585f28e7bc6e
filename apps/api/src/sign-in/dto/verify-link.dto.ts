import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Matches, MaxLength, ValidateIf } from 'class-validator';

/** A link's token; or a token or key of ours of another kind, which is well-formed and signs nobody in. */
const TOKEN = /^(?:[A-Za-z0-9_-]{43}|eyJ[\w-]+\.[\w-]+\.[\w-]+|fm_[a-z]{1,12}_[\w.-]{20,200})$/;
/** Access tokens, the longest of those, have less than a thousand characters. */
const MAX_TOKEN_LENGTH = 2_000;

export class VerifyLinkDto {
  @ApiProperty({
    example: 'Zb3n0k1aR5u8vXy2c4E6g8J0L2n4P6r8T0v2X4z6B8d',
    maxLength: MAX_TOKEN_LENGTH,
    description: 'What stands behind `token=` in the link.',
  })
  @MaxLength(MAX_TOKEN_LENGTH)
  @Matches(TOKEN, { message: 'must be the token of a link' })
  token: string;

  @ApiPropertyOptional({
    example: 'q3V0b2tlbnMgYXJlIG5ldmVyIHNob3duIGhlcmU0c2V',
    description: 'What asking for the link answered, for callers without cookies.',
  })
  @ValidateIf((_, value) => value !== undefined)
  @Matches(/^[A-Za-z0-9_-]{43}$/, { message: 'must be a request id' })
  requestId?: string;

  @ApiPropertyOptional({
    example: '204816',
    description: 'The six digits shown where the link was asked for, when it is opened elsewhere.',
  })
  @ValidateIf((_, value) => value !== undefined)
  @Matches(/^[0-9]{6}$/, { message: 'must be six digits' })
  code?: string;
}
