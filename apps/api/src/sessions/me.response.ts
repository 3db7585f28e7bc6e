import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ALL_PERMISSIONS, ROLES, TIERS, type Permission, type Principal, type Role, type Tier } from '@flowmate/domain';

/** Who the caller is. A client asks for `permissions` and never reasons about roles. */
export class MeResponse {
  @ApiProperty({ example: 'user', enum: ['user', 'key', 'agent'] })
  kind: Principal['kind'];

  @ApiProperty({ example: '65f0c0ffee0123456789abcd' })
  userId: string;

  @ApiProperty({ example: 'ada@example.com' })
  email: string;

  @ApiProperty({ example: '65f0c0ffee0123456789abce', description: 'The workspace of this request.' })
  workspaceId: string;

  @ApiProperty({ example: 'manager', enum: ROLES, description: 'The role in this workspace.' })
  role: Role;

  @ApiProperty({ example: false, description: 'Whether the caller looks after the instance.' })
  isAdmin: boolean;

  @ApiProperty({ example: 'free', enum: TIERS })
  tier: Tier;

  @ApiProperty({ example: ['account:read', 'members:read'], enum: ALL_PERMISSIONS, isArray: true })
  permissions: Permission[];

  @ApiPropertyOptional({ example: '65f0c0ffee0123456789abcf', description: 'Of a person.' })
  sessionId?: string;

  @ApiPropertyOptional({ example: '65f0c0ffee0123456789abd0', description: 'Of an API key.' })
  keyId?: string;

  static from(principal: Principal): MeResponse {
    const { kind, userId, email, workspaceId, role, tier } = principal;
    return {
      kind,
      userId,
      email,
      workspaceId,
      role,
      isAdmin: principal.kind === 'user' && principal.isAdmin,
      tier,
      permissions: [...principal.permissions],
      ...(principal.kind === 'user' && { sessionId: principal.sessionId }),
      ...(principal.kind === 'key' && { keyId: principal.keyId }),
    };
  }
}
