import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { Principal } from '@flowmate/domain';
import { Caller, Can } from '../auth/access.decorator.js';
import { ApiEndpoint } from '../openapi/api-endpoint.decorator.js';
import { ToolCatalog } from './tool-catalog.js';
import { ToolListResponse, ToolResponse } from './tool.response.js';

@ApiTags('tools')
@Controller('api/v1/tools')
export class ToolsController {
  constructor(private readonly catalog: ToolCatalog) {}

  @Get()
  @Can('agents:read')
  @ApiEndpoint({ id: 'listTools', summary: 'The tools that agents may be given' })
  @ApiOkResponse({ type: ToolListResponse })
  async list(@Caller() caller: Principal): Promise<ToolListResponse> {
    return { tools: (await this.catalog.list(caller)).map((tool) => ToolResponse.from(tool)) };
  }
}
