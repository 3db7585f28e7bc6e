import { Controller, Get, Header, Query, Req, StreamableFile } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiProduces, ApiTags } from '@nestjs/swagger';
import { MetricsEnv } from '@flowmate/config';
import { InvalidInputError } from '@flowmate/domain';
import { Metrics, ProfileInProgressError, Profiler } from '@flowmate/observability';
import { OperatorOnly } from '../auth/access.decorator.js';
import { AuthRequiredError, AuthTokenInvalidError } from '../auth/auth.errors.js';
import { RouteNotFoundError } from '../http/http.errors.js';
import type { HttpRequest } from '../http/http.types.js';
import { ApiEndpoint } from '../openapi/api-endpoint.decorator.js';
import { CpuProfileQuery } from './cpu-profile.query.js';

const CLOSED = [new AuthRequiredError(), new AuthTokenInvalidError(), new RouteNotFoundError()];

/** What an operator may look into, for the holder of METRICS_TOKEN. */
@ApiTags('operations')
@ApiBearerAuth()
@OperatorOnly()
@Controller()
export class OperationsController {
  constructor(
    private readonly env: MetricsEnv,
    private readonly metrics: Metrics,
    private readonly profiler: Profiler,
  ) {}

  @Get('api/metrics')
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  @ApiEndpoint({ id: 'getMetrics', summary: 'Metrics in the Prometheus text format', errors: CLOSED })
  @ApiProduces('text/plain')
  @ApiOkResponse({ description: 'Prometheus text.', schema: { type: 'string', example: 'http_requests_active 1\n' } })
  scrape(): Promise<string> {
    if (!this.env.enabled) throw new RouteNotFoundError();
    return this.metrics.text();
  }

  @Get('debug/pprof/heap')
  @ApiEndpoint({
    id: 'getHeapSnapshot',
    summary: 'Heap snapshot, for Chrome DevTools',
    errors: [...CLOSED, new ProfileInProgressError()],
  })
  @ApiProduces('application/octet-stream')
  @ApiOkResponse({ description: 'A .heapsnapshot file.', schema: { type: 'string', format: 'binary' } })
  heap(): StreamableFile {
    const disposition = 'attachment; filename="flowmate-api.heapsnapshot"';
    return new StreamableFile(this.profiler.heapSnapshot(), { type: 'application/octet-stream', disposition });
  }

  @Get('debug/pprof/profile')
  @ApiEndpoint({
    id: 'getCpuProfile',
    summary: 'CPU profile of the next seconds, for Chrome DevTools',
    errors: [
      ...CLOSED,
      new InvalidInputError([{ path: 'seconds', rule: 'max', message: 'must not be greater than 60' }]),
      new ProfileInProgressError(),
    ],
  })
  @ApiProduces('application/octet-stream')
  @ApiOkResponse({ description: 'A .cpuprofile file.', schema: { type: 'string', format: 'binary' } })
  async profile(@Query() query: CpuProfileQuery, @Req() request: HttpRequest): Promise<StreamableFile> {
    const hungUp = new AbortController();
    request.raw.once('close', () => hungUp.abort());
    const profile = await this.profiler.cpuProfile(query.seconds, hungUp.signal);
    const disposition = 'attachment; filename="flowmate-api.cpuprofile"';
    return new StreamableFile(Buffer.from(profile), { type: 'application/octet-stream', disposition });
  }
}
