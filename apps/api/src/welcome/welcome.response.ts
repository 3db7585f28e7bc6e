import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';

export class WelcomeLinksResponse {
  @ApiProperty({ example: '/api/v1' })
  self: string;

  @ApiProperty({ example: '/health/live' })
  health: string;

  @ApiPropertyOptional({ description: 'Swagger UI, where it is served.', example: '/api/docs' })
  docs?: string;

  @ApiPropertyOptional({ description: 'The OpenAPI document.', example: '/api/docs-json' })
  openapi?: string;
}

export class WelcomeResponse {
  @ApiProperty({ example: 'FlowMate' })
  name: string;

  @ApiProperty({ example: 'Welcome to FlowMate: agents that do work in your accounts, and runs that you can trust.' })
  message: string;

  @ApiProperty({ example: '0.1.0' })
  version: string;

  @ApiProperty({ example: 'v1' })
  apiVersion: string;

  @ApiProperty()
  links: WelcomeLinksResponse;
}
