import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { DatabaseUnavailableError } from '@flowmate/database';
import { ResourceNotFoundError, type Principal } from '@flowmate/domain';
import { RefreshInvalidError, RefreshRaceError, RefreshReusedError } from '@flowmate/identity';
import { AlsoWhenLocked, Caller, Can, Public } from '../auth/access.decorator.js';
import { CsrfOriginDeniedError } from '../auth/auth.errors.js';
import { SessionAnswer } from '../auth/session-answer.js';
import { SessionTokensResponse } from '../auth/session-tokens.js';
import type { HttpReply, HttpRequest } from '../http/http.types.js';
import { EndSessions } from '../http/end-sessions.js';
import { IdParams } from '../http/id.params.js';
import { ApiEndpoint } from '../openapi/api-endpoint.decorator.js';
import { Limit } from '../rate-limit/limit.decorator.js';
import { MeResponse } from './me.response.js';
import { OwnSessions } from './own-sessions.service.js';
import { RefreshDto } from './refresh.dto.js';
import { SessionListResponse, SessionResponse } from './session.response.js';

/** A client refreshes every quarter of an hour: nine hundred devices behind one address may do so all day. */
const REFRESH_LIMIT = { name: 'refresh', max: 60, windowMs: 60_000, per: 'address', isInstead: true } as const;

/** Whatever is done with a refresh token. */
const REFUSED = [new RefreshInvalidError(), new CsrfOriginDeniedError(), new DatabaseUnavailableError(false)];

@ApiTags('auth')
@Controller('api/v1/auth')
export class SessionsController {
  constructor(
    private readonly own: OwnSessions,
    private readonly answer: SessionAnswer,
  ) {}

  @Post('refresh')
  @Public()
  @HttpCode(200)
  @Limit(REFRESH_LIMIT)
  @ApiEndpoint({
    id: 'refreshSession',
    summary: 'A new access token, and a new refresh token for the old one',
    errors: [...REFUSED, new RefreshReusedError(), new RefreshRaceError()],
  })
  @ApiOkResponse({ type: SessionTokensResponse })
  async refresh(
    @Body() { refreshToken }: RefreshDto,
    @Req() request: HttpRequest,
    @Res({ passthrough: true }) reply: HttpReply,
  ): Promise<SessionTokensResponse> {
    return this.answer.give(request, reply, await this.own.refresh(request, reply, refreshToken));
  }

  @Post('logout')
  @Public()
  @HttpCode(204)
  @Limit(REFRESH_LIMIT)
  @ApiEndpoint({
    id: 'signOut',
    summary: 'End the session of a refresh token',
    errors: REFUSED,
  })
  @ApiNoContentResponse()
  async signOut(
    @Body() { refreshToken }: RefreshDto,
    @Req() request: HttpRequest,
    @Res({ passthrough: true }) reply: HttpReply,
  ): Promise<void> {
    await this.own.signOut(request, reply, refreshToken);
  }

  @Get('me')
  @Can('account:read')
  @ApiEndpoint({ id: 'getMe', summary: 'Who I am, and what I may do in this workspace' })
  @ApiOkResponse({ type: MeResponse })
  me(@Caller() caller: Principal): MeResponse {
    return MeResponse.from(caller);
  }

  @Get('sessions')
  @Can('sessions:manage')
  @ApiEndpoint({ id: 'listSessions', summary: 'Where I am signed in' })
  @ApiOkResponse({ type: SessionListResponse })
  async list(@Caller() caller: Principal): Promise<SessionListResponse> {
    const current = caller.kind === 'user' ? caller.sessionId : '';
    return { sessions: (await this.own.list(caller)).map((session) => SessionResponse.from(session, current)) };
  }

  @Delete('sessions')
  @AlsoWhenLocked()
  @Can('sessions:manage')
  @HttpCode(204)
  @ApiEndpoint({ id: 'endAllSessions', summary: 'Sign out everywhere, here too' })
  @ApiNoContentResponse()
  async endAll(
    @Query() { keys }: EndSessions,
    @Caller() caller: Principal,
    @Req() request: HttpRequest,
  ): Promise<void> {
    await this.own.endAll(caller, request, keys);
  }

  @Delete('sessions/:id')
  @AlsoWhenLocked()
  @Can('sessions:manage')
  @HttpCode(204)
  @ApiEndpoint({ id: 'endSession', summary: 'Sign out somewhere', errors: [new ResourceNotFoundError()] })
  @ApiNoContentResponse()
  async end(@Param() { id }: IdParams, @Caller() caller: Principal, @Req() request: HttpRequest): Promise<void> {
    await this.own.end(caller, id, request);
  }
}
