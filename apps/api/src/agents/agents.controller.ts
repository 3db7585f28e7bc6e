import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query, Req, Res } from '@nestjs/common';
import { ApiCreatedResponse, ApiHeader, ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { NamedRequest } from '@flowmate/database';
import { ResourceNotFoundError, type Principal } from '@flowmate/domain';
import { QuotaExceededError } from '@flowmate/identity';
import { Caller, Can } from '../auth/access.decorator.js';
import { byPrincipal } from '../auth/by.js';
import { etagOf, PreconditionRequiredError, versionInIfMatch, VersionMismatchError } from '../http/etag.js';
import type { HttpReply, HttpRequest } from '../http/http.types.js';
import { IdParams } from '../http/id.params.js';
import { cursorAt, CursorInvalidError, idOf, nextCursor, PageQuery, placeOf } from '../http/page-query.js';
import { IdempotencyKeyInvalidError, IdempotencyKeyReusedError } from '../idempotency/idempotency.errors.js';
import { markReplayed, RequestName, TakesIdempotencyKey } from '../idempotency/idempotent.decorator.js';
import { ApiEndpoint } from '../openapi/api-endpoint.decorator.js';
import { ToolUnknownError } from './agents.errors.js';
import { AgentsService } from './agents.service.js';
import { CreateAgentDto, UpdateAgentDto } from './dto/agent.dto.js';
import {
  AgentListResponse,
  AgentResponse,
  AgentSummaryResponse,
  AgentVersionListResponse,
  AgentVersionResponse,
} from './dto/agent.response.js';
import { AgentsQuery, AgentVersionParams } from './dto/agents.query.js';
import { changeOf, definitionOf } from './wanted-agent.js';

const MISSING = new ResourceNotFoundError();
const VERSION_SHAPE = /^[1-9]\d{0,8}$/;

@ApiTags('agents')
@Controller('api/v1/agents')
export class AgentsController {
  constructor(private readonly agents: AgentsService) {}

  @Post()
  @Can('agents:write')
  @TakesIdempotencyKey()
  @ApiEndpoint({
    id: 'createAgent',
    summary: 'Make an agent; only its name is required',
    errors: [
      new ToolUnknownError(),
      new QuotaExceededError(),
      new IdempotencyKeyInvalidError(),
      new IdempotencyKeyReusedError(),
    ],
  })
  @ApiCreatedResponse({ type: AgentResponse })
  async create(
    @Body() wanted: CreateAgentDto,
    @Caller() caller: Principal,
    @RequestName() name: NamedRequest | undefined,
    @Res({ passthrough: true }) reply: HttpReply,
  ): Promise<AgentResponse> {
    const made = await this.agents.create(caller, definitionOf(wanted), name, byPrincipal(caller, reply.request));
    if (made.isReplayed) markReplayed(reply);
    reply.header('location', `/api/v1/agents/${made.agent.id}`).header('etag', etagOf(made.agent.version));
    return AgentResponse.from(made.agent);
  }

  @Get()
  @Can('agents:read')
  @ApiEndpoint({ id: 'listAgents', summary: 'The agents of this workspace', errors: [new CursorInvalidError()] })
  @ApiOkResponse({ type: AgentListResponse })
  async list(@Query() query: AgentsQuery, @Caller() caller: Principal): Promise<AgentListResponse> {
    const page = { before: idOf(query), limit: query.limit };
    const found = await this.agents.list(caller, { namePrefix: query.name }, page);
    return { agents: found.map((agent) => AgentSummaryResponse.from(agent)), nextCursor: nextCursor(found, query) };
  }

  @Get(':id')
  @Can('agents:read')
  @ApiEndpoint({ id: 'getAgent', summary: 'One agent', errors: [MISSING] })
  @ApiOkResponse({ type: AgentResponse })
  async get(
    @Param() { id }: IdParams,
    @Caller() caller: Principal,
    @Res({ passthrough: true }) reply: HttpReply,
  ): Promise<AgentResponse> {
    const agent = await this.agents.get(caller, id);
    reply.header('etag', etagOf(agent.version));
    return AgentResponse.from(agent);
  }

  @Patch(':id')
  @Can('agents:write')
  @ApiHeader({
    name: 'If-Match',
    required: true,
    description: 'The ETag of the version that the change is based on.',
    schema: { type: 'string', example: '"3"' },
  })
  @ApiEndpoint({
    id: 'updateAgent',
    summary: 'Save a new version of an agent; what is not named stays as it is',
    errors: [MISSING, new ToolUnknownError(), new PreconditionRequiredError(), new VersionMismatchError()],
  })
  @ApiOkResponse({ type: AgentResponse })
  async change(
    @Param() { id }: IdParams,
    @Body() change: UpdateAgentDto,
    @Caller() caller: Principal,
    @Res({ passthrough: true }) reply: HttpReply,
  ): Promise<AgentResponse> {
    const base = { id, version: versionInIfMatch(reply.request) };
    const agent = await this.agents.change(caller, base, changeOf(change), byPrincipal(caller, reply.request));
    reply.header('etag', etagOf(agent.version));
    return AgentResponse.from(agent);
  }

  @Delete(':id')
  @Can('agents:write')
  @HttpCode(204)
  @ApiEndpoint({ id: 'deleteAgent', summary: 'Delete an agent; its runs are cancelled', errors: [MISSING] })
  @ApiNoContentResponse()
  async delete(@Param() { id }: IdParams, @Caller() caller: Principal, @Req() request: HttpRequest): Promise<void> {
    await this.agents.delete(caller, id, byPrincipal(caller, request));
  }

  @Get(':id/versions')
  @Can('agents:read')
  @ApiEndpoint({
    id: 'listAgentVersions',
    summary: 'All versions of an agent',
    errors: [MISSING, new CursorInvalidError()],
  })
  @ApiOkResponse({ type: AgentVersionListResponse })
  async versions(
    @Param() { id }: IdParams,
    @Query() { limit, cursor }: PageQuery,
    @Caller() caller: Principal,
  ): Promise<AgentVersionListResponse> {
    const place = placeOf(cursor, VERSION_SHAPE);
    const before = place === undefined ? undefined : Number(place);
    const found = await this.agents.listVersions(caller, id, { before, limit });
    const next = found.length === limit ? found.at(-1)?.version : undefined;
    return { versions: found.map((version) => AgentVersionResponse.from(version)), nextCursor: cursorAt(next) };
  }

  @Get(':id/versions/:version')
  @Can('agents:read')
  @ApiEndpoint({ id: 'getAgentVersion', summary: 'One version of an agent, as it was', errors: [MISSING] })
  @ApiOkResponse({ type: AgentVersionResponse })
  async version(
    @Param() { id, version }: AgentVersionParams,
    @Caller() caller: Principal,
  ): Promise<AgentVersionResponse> {
    return AgentVersionResponse.from(await this.agents.getVersion(caller, id, version));
  }
}
