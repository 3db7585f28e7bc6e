import { Controller, Delete, Get, HttpCode, Param, Req, Res, type StreamableFile } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiProduces, ApiTags } from '@nestjs/swagger';
import { ResourceNotFoundError, type Principal } from '@flowmate/domain';
import { LastAdminError, LastManagerError } from '@flowmate/identity';
import { Caller, Can, InWorkspace } from '../auth/access.decorator.js';
import type { HttpReply, HttpRequest } from '../http/http.types.js';
import { IdParams } from '../http/id.params.js';
import { ApiEndpoint } from '../openapi/api-endpoint.decorator.js';
import { Limit } from '../rate-limit/limit.decorator.js';
import { OwnAccount } from './account.service.js';
import { NDJSON } from './export-file.js';
import { Exports } from './exports.service.js';

/** An export reads everything there is; nobody needs more of them, and a thief gets no more of them. */
const EXPORT_LIMIT = { name: 'export', max: 10, windowMs: 3_600_000, per: 'user' } as const;
const FILE = { schema: { type: 'string' as const, example: '{"type":"membership","role":"manager"}\n' } };

@ApiTags('account')
@Controller('api/v1')
export class AccountController {
  constructor(
    private readonly own: OwnAccount,
    private readonly exports: Exports,
  ) {}

  @Delete('auth/me')
  @Can('account:write')
  @HttpCode(204)
  @ApiEndpoint({
    id: 'deleteAccount',
    summary: 'Delete my account; signing in within thirty days brings it back',
    errors: [new LastAdminError(), new LastManagerError()],
  })
  @ApiNoContentResponse()
  async delete(
    @Caller() caller: Principal,
    @Req() request: HttpRequest,
    @Res({ passthrough: true }) reply: HttpReply,
  ): Promise<void> {
    await this.own.delete(caller, request, reply);
  }

  @Get('auth/me/export')
  @Can('account:write')
  @Limit(EXPORT_LIMIT)
  @ApiProduces(NDJSON)
  @ApiEndpoint({ id: 'exportAccount', summary: 'Everything that is kept about me, one JSON object a line' })
  @ApiOkResponse(FILE)
  exportAccount(@Caller() caller: Principal, @Req() request: HttpRequest): Promise<StreamableFile> {
    return this.exports.ofAccount(caller, request);
  }

  @Get('workspaces/:id/export')
  @Can('workspaces:manage')
  @InWorkspace('id')
  @Limit(EXPORT_LIMIT)
  @ApiProduces(NDJSON)
  @ApiEndpoint({
    id: 'exportWorkspace',
    summary: 'Everything that belongs to a workspace, one JSON object a line',
    errors: [new ResourceNotFoundError()],
  })
  @ApiOkResponse(FILE)
  exportWorkspace(
    @Param() _: IdParams,
    @Caller() caller: Principal,
    @Req() request: HttpRequest,
  ): Promise<StreamableFile> {
    return this.exports.ofWorkspace(caller, request);
  }
}
