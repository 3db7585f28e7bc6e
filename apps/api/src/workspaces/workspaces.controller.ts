import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query, Req } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { ResourceNotFoundError, type Principal } from '@flowmate/domain';
import { PersonalWorkspaceError, QuotaExceededError } from '@flowmate/identity';
import { Caller, Can, InWorkspace } from '../auth/access.decorator.js';
import type { HttpRequest } from '../http/http.types.js';
import { IdParams } from '../http/id.params.js';
import { IDEMPOTENCY_ERRORS, Idempotent } from '../idempotency/idempotent.decorator.js';
import { ApiEndpoint } from '../openapi/api-endpoint.decorator.js';
import { OwnWorkspaces } from './own-workspaces.service.js';
import { NameWorkspaceDto, WorkspacesQuery } from './workspace.dto.js';
import { WorkspaceListResponse, WorkspaceResponse } from './workspace.response.js';

const MISSING = new ResourceNotFoundError();

@ApiTags('workspaces')
@Controller('api/v1/workspaces')
export class WorkspacesController {
  constructor(private readonly own: OwnWorkspaces) {}

  @Get()
  @Can('workspaces:read')
  @ApiEndpoint({ id: 'listWorkspaces', summary: 'The workspaces that I belong to' })
  @ApiOkResponse({ type: WorkspaceListResponse })
  async list(@Query() { deleted }: WorkspacesQuery, @Caller() caller: Principal): Promise<WorkspaceListResponse> {
    const found = await this.own.list(caller, deleted === true);
    return { workspaces: found.map((workspace) => WorkspaceResponse.from(workspace)) };
  }

  @Post()
  @Can('workspaces:create')
  @Idempotent()
  @ApiEndpoint({
    id: 'createWorkspace',
    summary: 'Make a workspace',
    errors: [new QuotaExceededError(), ...IDEMPOTENCY_ERRORS],
  })
  @ApiCreatedResponse({ type: WorkspaceResponse })
  async create(
    @Body() { name }: NameWorkspaceDto,
    @Caller() caller: Principal,
    @Req() request: HttpRequest,
  ): Promise<WorkspaceResponse> {
    return WorkspaceResponse.from(await this.own.create(caller, name, request));
  }

  @Get(':id')
  @Can('workspaces:read')
  @InWorkspace('id')
  @ApiEndpoint({ id: 'getWorkspace', summary: 'One workspace', errors: [MISSING] })
  @ApiOkResponse({ type: WorkspaceResponse })
  async get(@Param() _: IdParams, @Caller() caller: Principal): Promise<WorkspaceResponse> {
    return WorkspaceResponse.from(await this.own.get(caller));
  }

  @Patch(':id')
  @Can('workspaces:manage')
  @InWorkspace('id')
  @ApiEndpoint({ id: 'renameWorkspace', summary: 'Give a workspace another name', errors: [MISSING] })
  @ApiOkResponse({ type: WorkspaceResponse })
  async rename(
    @Param() _: IdParams,
    @Body() { name }: NameWorkspaceDto,
    @Caller() caller: Principal,
    @Req() request: HttpRequest,
  ): Promise<WorkspaceResponse> {
    return WorkspaceResponse.from(await this.own.rename(caller, name, request));
  }

  @Delete(':id')
  @Can('workspaces:manage')
  @InWorkspace('id')
  @HttpCode(204)
  @ApiEndpoint({
    id: 'deleteWorkspace',
    summary: 'Delete a workspace; it can be restored for thirty days',
    errors: [MISSING, new PersonalWorkspaceError()],
  })
  @ApiNoContentResponse()
  async delete(@Param() _: IdParams, @Caller() caller: Principal, @Req() request: HttpRequest): Promise<void> {
    await this.own.delete(caller, request);
  }

  /** Judged by the membership itself: a workspace that is deleted is no workspace of a request. */
  @Post(':id/restore')
  @Can('account:write')
  @HttpCode(200)
  @ApiEndpoint({
    id: 'restoreWorkspace',
    summary: 'Bring a deleted workspace back, as a manager of it',
    errors: [MISSING],
  })
  @ApiOkResponse({ type: WorkspaceResponse })
  async restore(
    @Param() { id }: IdParams,
    @Caller() caller: Principal,
    @Req() request: HttpRequest,
  ): Promise<WorkspaceResponse> {
    return WorkspaceResponse.from(await this.own.restore(caller, id, request));
  }
}
