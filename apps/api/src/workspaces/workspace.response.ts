import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { Invite, Workspace } from '@flowmate/database';
import { MEMBER_ROLES, TIERS, type MemberRole, type Tier } from '@flowmate/domain';
import type { Member } from '@flowmate/identity';

export class WorkspaceResponse {
  @ApiProperty({ example: '65f0c0ffee0123456789abcd' })
  id: string;

  @ApiProperty({ example: 'Research' })
  name: string;

  @ApiProperty({ example: 'team', enum: ['personal', 'team'] })
  kind: 'personal' | 'team';

  @ApiProperty({ example: 'free', enum: TIERS })
  tier: Tier;

  @ApiProperty({ example: '2026-01-24T10:00:00.000Z' })
  createdAt: string;

  @ApiPropertyOptional({ example: '2026-01-25T10:00:00.000Z', description: 'Erased thirty days later.' })
  deletedAt?: string;

  static from({ id, name, kind, tier, createdAt, deletedAt }: Workspace): WorkspaceResponse {
    return {
      id,
      name,
      kind,
      tier,
      createdAt: createdAt.toISOString(),
      ...(deletedAt && { deletedAt: deletedAt.toISOString() }),
    };
  }
}

export class WorkspaceListResponse {
  @ApiProperty({ type: [WorkspaceResponse], description: 'At most 100.' })
  workspaces: WorkspaceResponse[];
}

export class JoinedWorkspaceResponse extends WorkspaceResponse {
  @ApiProperty({ example: 'analyst', enum: MEMBER_ROLES })
  role: MemberRole;
}

export class MemberResponse {
  @ApiProperty({ example: '65f0c0ffee0123456789abce' })
  userId: string;

  @ApiProperty({ example: 'ada@example.com' })
  email: string;

  @ApiProperty({ example: 'analyst', enum: MEMBER_ROLES })
  role: MemberRole;

  @ApiProperty({ example: '2026-01-24T10:00:00.000Z' })
  since: string;

  static from({ userId, email, role, since }: Member): MemberResponse {
    return { userId, email, role, since: since.toISOString() };
  }
}

export class MemberListResponse {
  @ApiProperty({ type: [MemberResponse], description: 'At most 500.' })
  members: MemberResponse[];
}

export class InviteResponse {
  @ApiProperty({ example: '65f0c0ffee0123456789abcf' })
  id: string;

  @ApiProperty({ example: 'ada@example.com' })
  email: string;

  @ApiProperty({ example: 'analyst', enum: MEMBER_ROLES })
  role: MemberRole;

  @ApiProperty({ example: '65f0c0ffee0123456789abce' })
  invitedBy: string;

  @ApiProperty({ example: '2026-01-24T10:00:00.000Z' })
  createdAt: string;

  @ApiProperty({ example: '2026-01-31T10:00:00.000Z' })
  expiresAt: string;

  static from({ id, email, role, invitedBy, createdAt, expiresAt }: Invite): InviteResponse {
    return { id, email, role, invitedBy, createdAt: createdAt.toISOString(), expiresAt: expiresAt.toISOString() };
  }
}

export class InviteListResponse {
  @ApiProperty({ type: [InviteResponse], description: 'Those that can still be used; at most 50.' })
  invites: InviteResponse[];
}
