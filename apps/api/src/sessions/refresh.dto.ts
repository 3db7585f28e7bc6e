import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsString, MaxLength } from 'class-validator';
import { MayBeAbsent } from '../http/may-be-absent.js';

/** A token of ours is shorter. Another kind of token, sent by mistake, is told as a wrong token. */
const MAX_LENGTH = 2_000;

export class RefreshDto {
  @ApiPropertyOptional({
    example: 'fm_refresh_65f0c0ffee0123456789abcd.q3V0b2tlbnMgYXJlIG5ldmVyIHNob3duIGhlcmU0.c2VhbC1vZi1vdXJz',
    description: 'Browsers leave it out: theirs is in a cookie.',
  })
  @MayBeAbsent()
  @IsString()
  @MaxLength(MAX_LENGTH)
  refreshToken?: string;
}
