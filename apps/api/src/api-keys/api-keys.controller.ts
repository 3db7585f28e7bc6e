import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query, Req } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { ResourceNotFoundError, type Principal } from '@flowmate/domain';
import { ApiKeyService, ForbiddenScopeError, QuotaExceededError } from '@flowmate/identity';
import { AlsoWhenLocked, Caller, Can } from '../auth/access.decorator.js';
import { byPrincipal } from '../auth/by.js';
import type { HttpRequest } from '../http/http.types.js';
import { IdParams } from '../http/id.params.js';
import { CursorInvalidError, idOf, nextCursor, PageQuery } from '../http/page-query.js';
import { IDEMPOTENCY_ERRORS, Idempotent } from '../idempotency/idempotent.decorator.js';
import { ApiEndpoint } from '../openapi/api-endpoint.decorator.js';
import { ApiKeyListResponse, ApiKeyResponse, NewApiKeyResponse } from './api-key.response.js';
import { CreateApiKeyDto } from './create-api-key.dto.js';

@ApiTags('api keys')
@Controller('api/v1/api-keys')
export class ApiKeysController {
  constructor(private readonly keys: ApiKeyService) {}

  @Post()
  @Can('keys:manage')
  @Idempotent()
  @ApiEndpoint({
    id: 'createApiKey',
    summary: 'Make an API key for this workspace',
    errors: [new ForbiddenScopeError(), new QuotaExceededError(), ...IDEMPOTENCY_ERRORS],
  })
  @ApiCreatedResponse({ type: NewApiKeyResponse })
  async create(
    @Body() { expiresAt, ...wanted }: CreateApiKeyDto,
    @Caller() caller: Principal,
    @Req() request: HttpRequest,
  ): Promise<NewApiKeyResponse> {
    const end = expiresAt === undefined ? {} : { expiresAt: new Date(expiresAt) };
    return NewApiKeyResponse.of(await this.keys.create(caller, { ...wanted, ...end }, byPrincipal(caller, request)));
  }

  @Get()
  @Can('keys:read')
  @ApiEndpoint({ id: 'listApiKeys', summary: 'The API keys of this workspace', errors: [new CursorInvalidError()] })
  @ApiOkResponse({ type: ApiKeyListResponse })
  async list(@Query() page: PageQuery, @Caller() caller: Principal): Promise<ApiKeyListResponse> {
    const before = idOf(page);
    const { limit } = page;
    const found = await this.keys.list(caller, { limit, ...(before !== undefined && { before }) });
    return { keys: found.map((key) => ApiKeyResponse.from(key)), nextCursor: nextCursor(found, page) };
  }

  @Post(':id/rotate')
  @Can('keys:manage')
  @Idempotent()
  @ApiEndpoint({
    id: 'rotateApiKey',
    summary: 'A new key with the same rights; the old one is good for another day',
    errors: [new ResourceNotFoundError(), new ForbiddenScopeError(), new QuotaExceededError(), ...IDEMPOTENCY_ERRORS],
  })
  @ApiCreatedResponse({ type: NewApiKeyResponse })
  async rotate(
    @Param() { id }: IdParams,
    @Caller() caller: Principal,
    @Req() request: HttpRequest,
  ): Promise<NewApiKeyResponse> {
    return NewApiKeyResponse.of(await this.keys.rotate(caller, id, byPrincipal(caller, request)));
  }

  @Delete(':id')
  @AlsoWhenLocked()
  @Can('keys:manage')
  @HttpCode(204)
  @ApiEndpoint({ id: 'revokeApiKey', summary: 'Revoke an API key', errors: [new ResourceNotFoundError()] })
  @ApiNoContentResponse()
  async revoke(@Param() { id }: IdParams, @Caller() caller: Principal, @Req() request: HttpRequest): Promise<void> {
    await this.keys.revoke(caller, id, byPrincipal(caller, request));
  }
}
