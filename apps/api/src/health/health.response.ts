import { ApiProperty } from '@nestjs/swagger';

export class HealthResponse {
  @ApiProperty({ enum: ['healthy'], example: 'healthy' })
  status: 'healthy';

  @ApiProperty({ example: 'flowmate-api' })
  service: string;

  @ApiProperty({ example: '0.1.0' })
  version: string;

  @ApiProperty({ type: 'integer', description: 'Since the process started.', example: 42 })
  uptimeSeconds: number;
}
