import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { ApiKey } from '@flowmate/database';
import { ALL_PERMISSIONS, KEY_ROLES, type KeyRole, type Permission } from '@flowmate/domain';
import type { MadeApiKey } from '@flowmate/identity';

export class ApiKeyResponse {
  @ApiProperty({ example: '65f0c0ffee0123456789abcd' })
  id: string;

  @ApiProperty({ example: 'nightly report' })
  name: string;

  @ApiProperty({ example: 'service', enum: KEY_ROLES })
  role: KeyRole;

  @ApiProperty({ example: ['members:read'], enum: ALL_PERMISSIONS, isArray: true })
  scopes: Permission[];

  @ApiProperty({ example: 'x7Qk', description: 'The last four characters of the key.' })
  hint: string;

  @ApiProperty({ example: '65f0c0ffee0123456789abce', description: 'Whose key it is.' })
  ownerId: string;

  @ApiProperty({ example: '2026-01-24T10:00:00.000Z' })
  createdAt: string;

  @ApiPropertyOptional({ example: '2027-01-01T00:00:00.000Z' })
  expiresAt?: string;

  @ApiPropertyOptional({ example: '2026-01-24T10:00:00.000Z', description: 'To the minute.' })
  lastUsedAt?: string;

  @ApiPropertyOptional({ example: '2026-01-25T10:00:00.000Z' })
  revokedAt?: string;

  @ApiPropertyOptional({ example: '65f0c0ffee0123456789abcf', description: 'The key that takes its place.' })
  replacedBy?: string;

  static from(key: ApiKey): ApiKeyResponse {
    const { id, name, role, scopes, hint, ownerId, createdAt, expiresAt, lastUsedAt, revokedAt, replacedBy } = key;
    return {
      id,
      name,
      role,
      scopes: [...scopes],
      hint,
      ownerId,
      createdAt: createdAt.toISOString(),
      ...(expiresAt && { expiresAt: expiresAt.toISOString() }),
      ...(lastUsedAt && { lastUsedAt: lastUsedAt.toISOString() }),
      ...(revokedAt && { revokedAt: revokedAt.toISOString() }),
      ...(replacedBy !== undefined && { replacedBy }),
    };
  }
}

export class NewApiKeyResponse extends ApiKeyResponse {
  @ApiProperty({
    example: 'fm_live_c2hvd24gb25jZSwgd2hlbiBpdCBpcyBtYWRlLCBhbmQ',
    description: 'The key itself. This is the only time that it is shown.',
  })
  key: string;

  static of({ key, secret }: MadeApiKey): NewApiKeyResponse {
    return { ...ApiKeyResponse.from(key), key: secret };
  }
}

export class ApiKeyListResponse {
  @ApiProperty({ type: [ApiKeyResponse], description: 'The latest first; revoked ones too.' })
  keys: ApiKeyResponse[];

  @ApiProperty({ example: null, type: String, nullable: true })
  nextCursor: string | null;
}
