import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { Principal } from '@flowmate/domain';
import { Caller, Can } from '../auth/access.decorator.js';
import { AuthRequiredError, ForbiddenRoleError } from '../auth/auth.errors.js';
import { CursorInvalidError, placeOf } from '../http/page-query.js';
import { ApiEndpoint } from '../openapi/api-endpoint.decorator.js';
import { AuditQueryParameters } from './audit.query.js';
import { AuditPageResponse } from './audit.response.js';
import { AuditService } from './audit.service.js';

/** A place in a trail: one to twelve digits, the first of them not a zero. */
const PLACE = /^[1-9]\d{0,11}$/;

@ApiTags('audit')
@Controller('api/v1/audit')
export class AuditController {
  constructor(private readonly service: AuditService) {}

  @Get()
  @Can('audit:read')
  @ApiEndpoint({
    id: 'listAudit',
    summary: 'What happened, the newest first',
    description:
      'The trail of the workspace of the request; with `trail=instance`, for administrators, of the instance.',
    errors: [new AuthRequiredError(), new ForbiddenRoleError(), new CursorInvalidError()],
  })
  @ApiOkResponse({ type: AuditPageResponse })
  async list(@Query() query: AuditQueryParameters, @Caller() principal: Principal): Promise<AuditPageResponse> {
    const { trail, limit, cursor, from, to, ...filter } = query;
    const place = placeOf(cursor, PLACE);
    const page = await this.service.list(principal, trail, {
      ...filter,
      limit,
      beforeSeq: place === undefined ? undefined : Number(place),
      from: from === undefined ? undefined : new Date(from),
      to: to === undefined ? undefined : new Date(to),
    });
    return AuditPageResponse.from(page);
  }
}
