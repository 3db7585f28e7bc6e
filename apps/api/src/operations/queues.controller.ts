import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { RedisUnavailableError } from '@flowmate/redis';
import { Can } from '../auth/access.decorator.js';
import { ApiEndpoint } from '../openapi/api-endpoint.decorator.js';
import { QueueListResponse } from './queues.response.js';
import { QueuesService } from './queues.service.js';

/** How much waits. There are no buttons: whoever changed a job would do it behind the back of the record. */
@ApiTags('admin')
@Controller('api/v1/admin/queues')
export class QueuesController {
  constructor(private readonly queues: QueuesService) {}

  @Get()
  @Can('instance:read')
  @ApiEndpoint({
    id: 'listQueues',
    summary: 'How full the queues are',
    errors: [new RedisUnavailableError(false, 'gone')],
  })
  @ApiOkResponse({ type: QueueListResponse })
  async list(): Promise<QueueListResponse> {
    return { queues: await this.queues.list() };
  }
}
