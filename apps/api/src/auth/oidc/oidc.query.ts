import { ApiPropertyOptional } from '@nestjs/swagger';
import { Allow, IsString, MaxLength } from 'class-validator';
import { IsOwnPath } from '../../http/own-path.js';
import { MayBeAbsent } from '../../http/may-be-absent.js';

/** Codes of large providers have a few hundred characters. */
const MAX_LENGTH = 4_000;

export class OidcLoginQuery {
  @ApiPropertyOptional({ example: '/agents', description: 'Where to go afterwards: a path of this instance.' })
  @MayBeAbsent()
  @IsString()
  @IsOwnPath()
  redirectTo = '/';
}

/** Providers send more than the standard names; what is not named here is not looked at. */
export class OidcCallbackQuery {
  @ApiPropertyOptional({ example: 'c3RhdGUtb2YtdGhpcy1zaWduLWluLWFuZC1vZi1ub25l' })
  @MayBeAbsent()
  @IsString()
  @MaxLength(MAX_LENGTH)
  state?: string;

  @ApiPropertyOptional({ example: 'SplxlOBeZQQYbYS6WxSbIA' })
  @MayBeAbsent()
  @IsString()
  @MaxLength(MAX_LENGTH)
  code?: string;

  @ApiPropertyOptional({ example: 'https://keycloak.example.com/realms/flowmate' })
  @MayBeAbsent()
  @IsString()
  @MaxLength(MAX_LENGTH)
  iss?: string;

  @ApiPropertyOptional({ example: 'access_denied' })
  @MayBeAbsent()
  @IsString()
  @MaxLength(MAX_LENGTH)
  error?: string;

  @ApiPropertyOptional({ type: String, example: 'The person said no.' })
  @Allow()
  error_description?: unknown;

  @ApiPropertyOptional({ type: String, example: 'https://example.com/errors' })
  @Allow()
  error_uri?: unknown;

  @ApiPropertyOptional({ type: String, example: 'd5c7f3', description: 'Keycloak’s own.' })
  @Allow()
  session_state?: unknown;

  @ApiPropertyOptional({ type: String, example: 'openid email', description: 'Google’s own.' })
  @Allow()
  scope?: unknown;

  @ApiPropertyOptional({ type: String, example: '0', description: 'Google’s own.' })
  @Allow()
  authuser?: unknown;

  @ApiPropertyOptional({ type: String, example: 'example.com', description: 'Google’s own.' })
  @Allow()
  hd?: unknown;

  @ApiPropertyOptional({ type: String, example: 'consent', description: 'Google’s own.' })
  @Allow()
  prompt?: unknown;
}
