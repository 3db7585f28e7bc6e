import { Controller, Get } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { HealthMonitor, NotReadyError, type DetailedReport, type ReadinessReport } from '@flowmate/health';
import { OperatorOnly, Public } from '../auth/access.decorator.js';
import { AuthRequiredError, AuthTokenInvalidError } from '../auth/auth.errors.js';
import { RouteNotFoundError } from '../http/http.errors.js';
import { Probe } from '../http/probe.decorator.js';
import { ApiEndpoint } from '../openapi/api-endpoint.decorator.js';
import { HealthDetailsResponse, ReadinessResponse } from './readiness.response.js';

const RED = new NotReadyError({ status: 'not_ready', components: { mongodb: { status: 'down' } } });
const CLOSED = [new AuthRequiredError(), new AuthTokenInvalidError(), new RouteNotFoundError()];

/** Readiness: whether a load balancer should send requests here. Never asks a store while somebody waits. */
@ApiTags('health')
@Controller()
export class ReadinessController {
  constructor(private readonly monitor: HealthMonitor) {}

  @Get('health/ready')
  @Public()
  @Probe()
  @ApiEndpoint({ id: 'getReadiness', summary: 'Says whether requests can be served', errors: [RED] })
  @ApiOkResponse({ type: ReadinessResponse })
  ready(): ReadinessReport {
    const report = this.monitor.readiness();
    if (report.status === 'not_ready') throw new NotReadyError(report);
    return report;
  }

  @Get('ready')
  @Public()
  @Probe()
  @ApiEndpoint({ id: 'getReady', summary: 'Another name of /health/ready', errors: [RED] })
  @ApiOkResponse({ type: ReadinessResponse })
  atReady(): ReadinessReport {
    return this.ready();
  }

  @Get('api/ready')
  @Public()
  @Probe()
  @ApiEndpoint({ id: 'getApiReady', summary: 'Another name of /health/ready', errors: [RED] })
  @ApiOkResponse({ type: ReadinessResponse })
  atApiReady(): ReadinessReport {
    return this.ready();
  }

  @Get('api/health')
  @Public()
  @Probe()
  @ApiEndpoint({ id: 'getApiHealth', summary: 'Another name of /health/ready', errors: [RED] })
  @ApiOkResponse({ type: ReadinessResponse })
  atApiHealth(): ReadinessReport {
    return this.ready();
  }

  @Get('health/details')
  @OperatorOnly()
  @ApiBearerAuth()
  @ApiEndpoint({ id: 'getHealthDetails', summary: 'What is known of each component', errors: CLOSED })
  @ApiOkResponse({ type: HealthDetailsResponse })
  details(): DetailedReport {
    return this.monitor.details();
  }
}
