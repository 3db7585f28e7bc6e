import { ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, Max, Min } from 'class-validator';

/** Longer profiles are more than the viewers load, and every second of one slows the process. */
const MAX_SECONDS = 60;

export class CpuProfileQuery {
  @ApiPropertyOptional({
    type: 'integer',
    minimum: 1,
    maximum: MAX_SECONDS,
    default: 10,
    description: 'How long to watch.',
    example: 10,
  })
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(MAX_SECONDS)
  seconds = 10;
}
