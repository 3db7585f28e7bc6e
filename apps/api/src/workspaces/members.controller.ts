import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Req } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { ResourceNotFoundError, type Principal } from '@flowmate/domain';
import { LastManagerError, MemberService, RoleAboveOwnError } from '@flowmate/identity';
import { Caller, Can, InWorkspace } from '../auth/access.decorator.js';
import { byPrincipal } from '../auth/by.js';
import type { HttpRequest } from '../http/http.types.js';
import { IdParams } from '../http/id.params.js';
import { ApiEndpoint } from '../openapi/api-endpoint.decorator.js';
import { OwnWorkspaces } from './own-workspaces.service.js';
import { ChangeMemberDto, MemberParams } from './workspace.dto.js';
import { MemberListResponse, MemberResponse } from './workspace.response.js';

const MISSING = new ResourceNotFoundError();

@ApiTags('workspaces')
@Controller('api/v1/workspaces/:id/members')
export class MembersController {
  constructor(
    private readonly members: MemberService,
    private readonly own: OwnWorkspaces,
  ) {}

  @Get()
  @Can('members:read')
  @InWorkspace('id')
  @ApiEndpoint({ id: 'listMembers', summary: 'Who belongs to a workspace', errors: [MISSING] })
  @ApiOkResponse({ type: MemberListResponse })
  async list(@Param() _: IdParams, @Caller() caller: Principal): Promise<MemberListResponse> {
    return { members: (await this.members.list(caller)).map((member) => MemberResponse.from(member)) };
  }

  @Delete('me')
  @Can('account:write')
  @InWorkspace('id')
  @HttpCode(204)
  @ApiEndpoint({ id: 'leaveWorkspace', summary: 'Leave a workspace', errors: [MISSING, new LastManagerError()] })
  @ApiNoContentResponse()
  async leave(@Param() _: IdParams, @Caller() caller: Principal, @Req() request: HttpRequest): Promise<void> {
    await this.own.leave(caller, request);
  }

  @Patch(':userId')
  @Can('members:manage')
  @InWorkspace('id')
  @ApiEndpoint({
    id: 'changeMember',
    summary: 'Give a member another role',
    errors: [MISSING, new LastManagerError(), new RoleAboveOwnError()],
  })
  @ApiOkResponse({ type: MemberResponse })
  async change(
    @Param() { userId }: MemberParams,
    @Body() { role }: ChangeMemberDto,
    @Caller() caller: Principal,
    @Req() request: HttpRequest,
  ): Promise<MemberResponse> {
    return MemberResponse.from(await this.members.setRole(caller, userId, role, byPrincipal(caller, request)));
  }

  @Delete(':userId')
  @Can('members:manage')
  @InWorkspace('id')
  @HttpCode(204)
  @ApiEndpoint({ id: 'removeMember', summary: 'Remove a member', errors: [MISSING, new LastManagerError()] })
  @ApiNoContentResponse()
  async remove(
    @Param() { userId }: MemberParams,
    @Caller() caller: Principal,
    @Req() request: HttpRequest,
  ): Promise<void> {
    await this.members.remove(caller, userId, byPrincipal(caller, request));
  }
}
