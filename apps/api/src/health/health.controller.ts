import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Public } from '../auth/access.decorator.js';
import { Probe } from '../http/probe.decorator.js';
import { ApiEndpoint } from '../openapi/api-endpoint.decorator.js';
import { About } from '../about.js';
import { HealthResponse } from './health.response.js';

/** Liveness: the process answers. It says nothing about stores, on purpose: restarting an api mends no database. */
@ApiTags('health')
@Controller()
export class HealthController {
  constructor(private readonly about: About) {}

  @Get('health/live')
  @Public()
  @Probe()
  @ApiEndpoint({ id: 'getLiveness', summary: 'Says that the process runs' })
  @ApiOkResponse({ type: HealthResponse })
  live(): HealthResponse {
    return { status: 'healthy', ...this.about.now() };
  }

  @Get('health')
  @Public()
  @Probe()
  @ApiEndpoint({ id: 'getHealth', summary: 'Another name of /health/live' })
  @ApiOkResponse({ type: HealthResponse })
  health(): HealthResponse {
    return this.live();
  }
}
