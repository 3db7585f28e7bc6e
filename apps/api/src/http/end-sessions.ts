import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsBoolean, IsOptional } from 'class-validator';

/** How far somebody is thrown out. */
export class EndSessions {
  @ApiPropertyOptional({ example: false, default: false, description: 'Whether all API keys of the person end, too.' })
  @IsOptional()
  @Transform(({ value }: { value: unknown }) => (value === 'true' ? true : value === 'false' ? false : value))
  @IsBoolean()
  keys = false;
}
