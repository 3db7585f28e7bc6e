import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Query, Req } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { UserFilter } from '@flowmate/database';
import { emailAddress, InvalidInputError, ResourceNotFoundError, type Principal } from '@flowmate/domain';
import { ApiKeyService, LastAdminError, PeopleService, SessionService } from '@flowmate/identity';
import { Caller, Can } from '../auth/access.decorator.js';
import { byPrincipal } from '../auth/by.js';
import type { HttpRequest } from '../http/http.types.js';
import { EndSessions } from '../http/end-sessions.js';
import { IdParams } from '../http/id.params.js';
import { CursorInvalidError, idOf, nextCursor } from '../http/page-query.js';
import { ApiEndpoint } from '../openapi/api-endpoint.decorator.js';
import { ChangePersonDto, PersonListResponse, PersonResponse } from './person.dto.js';
import { PeopleQuery } from './people.query.js';

/** The people of the instance, for its administrators. */
@ApiTags('admin')
@Controller('api/v1/admin/users')
export class PeopleController {
  constructor(
    private readonly people: PeopleService,
    private readonly sessions: SessionService,
    private readonly keys: ApiKeyService,
  ) {}

  @Get()
  @Can('users:read')
  @ApiEndpoint({ id: 'listUsers', summary: 'The people of this instance', errors: [new CursorInvalidError()] })
  @ApiOkResponse({ type: PersonListResponse })
  async list(@Query() query: PeopleQuery): Promise<PersonListResponse> {
    const found = await this.people.list(filterOf(query));
    return { users: found.map((user) => PersonResponse.from(user)), nextCursor: nextCursor(found, query) };
  }

  @Patch(':id')
  @Can('users:manage')
  @ApiEndpoint({
    id: 'changeUser',
    summary: 'Change the role or the tier of a person, or disable them',
    errors: [new ResourceNotFoundError(), new LastAdminError()],
  })
  @ApiOkResponse({ type: PersonResponse })
  async change(
    @Param() { id }: IdParams,
    @Body() { disabled, ...change }: ChangePersonDto,
    @Caller() caller: Principal,
    @Req() request: HttpRequest,
  ): Promise<PersonResponse> {
    if (disabled === undefined && Object.values(change).every((value) => value === undefined))
      throw new InvalidInputError([{ path: '', rule: 'notEmpty', message: 'must change something' }]);
    const isDisabled = disabled === undefined ? {} : { isDisabled: disabled };
    const by = byPrincipal(caller, request);
    return PersonResponse.from(await this.people.change(id, { ...change, ...isDisabled }, by));
  }

  @Delete(':id/sessions')
  @Can('users:manage')
  @HttpCode(204)
  @ApiEndpoint({
    id: 'endSessionsOfUser',
    summary: 'Sign a person out everywhere',
    errors: [new ResourceNotFoundError()],
  })
  @ApiNoContentResponse()
  async endSessions(
    @Param() { id }: IdParams,
    @Query() { keys }: EndSessions,
    @Caller() caller: Principal,
    @Req() request: HttpRequest,
  ): Promise<void> {
    const by = byPrincipal(caller, request);
    await this.sessions.endAll(id, by);
    if (keys) await this.keys.revokeAllOf(id, by);
  }
}

function filterOf(query: PeopleQuery): UserFilter {
  const { limit, email, role, disabled } = query;
  const after = idOf(query);
  return {
    limit,
    // An address that is none belongs to nobody.
    ...(email !== undefined && { email: emailAddress(email) ?? '' }),
    ...(role !== undefined && { role }),
    ...(disabled !== undefined && { isDisabled: disabled }),
    ...(after !== undefined && { after }),
  };
}
