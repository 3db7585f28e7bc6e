import { ApiProperty } from '@nestjs/swagger';
import { Matches } from 'class-validator';

/** The addresses of live streams; a ticket opens one of them. */
const STREAM_PATH = /^\/api\/v1\/(?:stream|ws|runs\/[0-9a-f]{24}\/stream)$/;

export class StreamTicketDto {
  @ApiProperty({ example: '/api/v1/stream', description: 'The stream that it is for.' })
  @Matches(STREAM_PATH, { message: 'must be the address of a stream' })
  path: string;
}

export class StreamTicketResponse {
  @ApiProperty({ example: 'b25lIHVzZSwgb25lIHN0cmVhbSwgb25lIG1pbnV0ZS4uLg', description: 'Good once.' })
  ticket: string;

  @ApiProperty({ example: '2026-01-24T10:01:00.000Z' })
  expiresAt: string;
}
