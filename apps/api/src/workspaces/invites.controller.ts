import { Body, Controller, Delete, Get, HttpCode, Param, Post, Req } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { emailAddress, ResourceNotFoundError, type Principal } from '@flowmate/domain';
import {
  AlreadyMemberError,
  InviteRaceError,
  InviteService,
  PersonalWorkspaceError,
  QuotaExceededError,
  RoleAboveOwnError,
} from '@flowmate/identity';
import { Caller, Can, InWorkspace } from '../auth/access.decorator.js';
import { byPrincipal } from '../auth/by.js';
import type { HttpRequest } from '../http/http.types.js';
import { IdParams } from '../http/id.params.js';
import { IDEMPOTENCY_ERRORS, Idempotent } from '../idempotency/idempotent.decorator.js';
import { ApiEndpoint } from '../openapi/api-endpoint.decorator.js';
import { Limit } from '../rate-limit/limit.decorator.js';
import { OwnInvites } from './own-invites.service.js';
import { OwnWorkspaces } from './own-workspaces.service.js';
import { AcceptInviteDto, InviteDto, InviteParams } from './workspace.dto.js';
import {
  InviteListResponse,
  InviteResponse,
  JoinedWorkspaceResponse,
  WorkspaceResponse,
} from './workspace.response.js';

/** Each is a mail to somebody who did not ask for it: a team of fifty in an hour, and no more. */
const INVITE_LIMIT = { name: 'invite', max: 50, windowMs: 3_600_000, per: 'user' } as const;
/** Tokens are of 256 bits: this only keeps guessing quiet. */
const ACCEPT_LIMIT = { name: 'invite-accept', max: 10, windowMs: 60_000, per: 'user' } as const;

@ApiTags('workspaces')
@Controller('api/v1')
export class InvitesController {
  constructor(
    private readonly invites: InviteService,
    private readonly own: OwnWorkspaces,
    private readonly ownInvites: OwnInvites,
  ) {}

  @Get('workspaces/:id/invites')
  @Can('members:read')
  @InWorkspace('id')
  @ApiEndpoint({ id: 'listInvites', summary: 'Open invites', errors: [new ResourceNotFoundError()] })
  @ApiOkResponse({ type: InviteListResponse })
  async list(@Param() _: IdParams, @Caller() caller: Principal): Promise<InviteListResponse> {
    return { invites: (await this.invites.list(caller)).map((invite) => InviteResponse.from(invite)) };
  }

  @Post('workspaces/:id/invites')
  @Can('members:manage')
  @InWorkspace('id')
  @Limit(INVITE_LIMIT)
  @Idempotent()
  @ApiEndpoint({
    id: 'invite',
    summary: 'Invite somebody by mail; an older invite to the same address is worth nothing any more',
    errors: [
      new ResourceNotFoundError(),
      new RoleAboveOwnError(),
      new QuotaExceededError(),
      new PersonalWorkspaceError(),
      new AlreadyMemberError(),
      new InviteRaceError(),
      ...IDEMPOTENCY_ERRORS,
    ],
  })
  @ApiCreatedResponse({ type: InviteResponse })
  async invite(
    @Param() _: IdParams,
    @Body() { email, role }: InviteDto,
    @Caller() caller: Principal,
    @Req() request: HttpRequest,
  ): Promise<InviteResponse> {
    const wanted = { email: emailAddress(email) ?? '', role };
    return InviteResponse.from(await this.ownInvites.invite(caller, wanted, request));
  }

  @Delete('workspaces/:id/invites/:inviteId')
  @Can('members:manage')
  @InWorkspace('id')
  @HttpCode(204)
  @ApiEndpoint({ id: 'revokeInvite', summary: 'Take an invite back', errors: [new ResourceNotFoundError()] })
  @ApiNoContentResponse()
  async revoke(
    @Param() { inviteId }: InviteParams,
    @Caller() caller: Principal,
    @Req() request: HttpRequest,
  ): Promise<void> {
    await this.invites.revoke(caller, inviteId, byPrincipal(caller, request));
  }

  @Post('invites/accept')
  @Can('account:write')
  @HttpCode(200)
  @Limit(ACCEPT_LIMIT)
  @ApiEndpoint({
    id: 'acceptInvite',
    summary: 'Join a workspace, signed in with the address that was invited',
    errors: [new ResourceNotFoundError(), new QuotaExceededError()],
  })
  @ApiOkResponse({ type: JoinedWorkspaceResponse })
  async accept(
    @Body() { token }: AcceptInviteDto,
    @Caller() caller: Principal,
    @Req() request: HttpRequest,
  ): Promise<JoinedWorkspaceResponse> {
    const { workspace, role } = await this.own.join(caller, token, request);
    return { ...WorkspaceResponse.from(workspace), role };
  }
}
