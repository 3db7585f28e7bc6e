import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';

export class SessionTokensResponse {
  @ApiPropertyOptional({ example: 'Bearer', description: 'Absent when the tokens are in cookies.' })
  tokenType?: 'Bearer';

  @ApiPropertyOptional({ example: 'eyJhbGciOiJIUzI1NiIsInR5cCI6ImF0K2p3dCJ9.e30.c2lnbmF0dXJl' })
  accessToken?: string;

  @ApiPropertyOptional({
    example: 'fm_refresh_65f0c0ffee0123456789abcd.q3V0b2tlbnMgYXJlIG5ldmVyIHNob3duIGhlcmU0.c2VhbC1vZi1vdXJz',
    description: 'Good once: each refresh answers a new one.',
  })
  refreshToken?: string;

  @ApiProperty({ example: 900, description: 'Seconds until the access token expires.' })
  expiresIn: number;

  @ApiProperty({ example: '2026-01-31T10:00:00.000Z', description: 'Until when the session can be refreshed.' })
  sessionExpiresAt: string;
}
