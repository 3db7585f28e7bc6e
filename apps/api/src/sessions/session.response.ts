import { ApiProperty } from '@nestjs/swagger';
import type { Session } from '@flowmate/database';

export class SessionResponse {
  @ApiProperty({ example: '65f0c0ffee0123456789abcd' })
  id: string;

  @ApiProperty({ example: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0)', description: 'What the device says it is.' })
  device: string;

  @ApiProperty({ example: '203.0.113.7' })
  address: string;

  @ApiProperty({ example: '2026-01-24T10:00:00.000Z' })
  createdAt: string;

  @ApiProperty({ example: '2026-01-24T10:00:00.000Z', description: 'To the minute.' })
  lastUsedAt: string;

  @ApiProperty({ example: '2026-01-31T10:00:00.000Z' })
  expiresAt: string;

  @ApiProperty({ example: true, description: 'Whether it is the session of this request.' })
  isCurrent: boolean;

  static from({ id, device, address, createdAt, lastUsedAt, expiresAt }: Session, current: string): SessionResponse {
    return {
      id,
      device,
      address,
      createdAt: createdAt.toISOString(),
      lastUsedAt: lastUsedAt.toISOString(),
      expiresAt: expiresAt.toISOString(),
      isCurrent: id === current,
    };
  }
}

export class SessionListResponse {
  @ApiProperty({ type: [SessionResponse], description: 'The latest first.' })
  sessions: SessionResponse[];
}
