import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsString, MaxLength } from 'class-validator';
import { MayBeAbsent } from '../http/may-be-absent.js';

export class StreamQuery {
  @ApiPropertyOptional({
    example: 'b25lIHVzZSwgb25lIHN0cmVhbSwgb25lIG1pbnV0ZS4uLg',
    description: 'From POST /api/v1/stream-tickets, instead of a token: good once, for this stream.',
  })
  @MayBeAbsent()
  @IsString()
  @MaxLength(100)
  ticket?: string;
}
