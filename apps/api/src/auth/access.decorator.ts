import {
  createParamDecorator,
  SetMetadata,
  applyDecorators,
  type CustomDecorator,
  type ExecutionContext,
} from '@nestjs/common';
import { ApiBearerAuth, ApiCookieAuth, ApiExtension } from '@nestjs/swagger';
import type { Permission, Principal } from '@flowmate/domain';
import type { HttpRequest } from '../http/http.types.js';
import { AuthRequiredError } from './auth.errors.js';

export type Access = 'public' | 'operator' | Permission;

export const ACCESS = Symbol('access');

/** How the OpenAPI document learns of it; `document.ts` turns it into an empty list of requirements. */
export const PUBLIC_EXTENSION = 'x-public';

/** Where the OpenAPI document names the permission of an operation. The test matrix reads it. */
export const PERMISSION_EXTENSION = 'x-permission';

/** The path parameter that names the workspace of a request, instead of the header. */
export const WORKSPACE_PARAMETER = Symbol('workspace parameter');

/** For operations on a workspace itself: rights are those in the workspace that the path names. */
export const InWorkspace = (parameter: string): CustomDecorator<symbol> => SetMetadata(WORKSPACE_PARAMETER, parameter);

export const TAKES_TICKET = Symbol('takes ticket');

/** For streams: browsers open them with a ticket in the address, because they can send no header there. */
export const TakesTicket = (): CustomDecorator<symbol> => SetMetadata(TAKES_TICKET, true);

export const OPEN_WHEN_LOCKED = Symbol('open when locked');

/** For changes that make nothing but safety: they are possible while the instance is locked, too. */
export const AlsoWhenLocked = (): CustomDecorator<symbol> => SetMetadata(OPEN_WHEN_LOCKED, true);

/** Opens a route to everybody. The only way out of default deny; a test lists every use. */
export const Public = (): MethodDecorator =>
  applyDecorators(SetMetadata(ACCESS, 'public' satisfies Access), ApiExtension(PUBLIC_EXTENSION, true));

/** For whoever holds METRICS_TOKEN. Without that setting the route does not exist. */
export const OperatorOnly = (): ClassDecorator & MethodDecorator =>
  applyDecorators(SetMetadata(ACCESS, 'operator' satisfies Access));

/** For callers who have this permission in the workspace of the request. Every other route names one, or none serves. */
export const Can = (permission: Permission): ClassDecorator & MethodDecorator =>
  applyDecorators(
    SetMetadata(ACCESS, permission satisfies Access),
    ApiExtension(PERMISSION_EXTENSION, permission),
    ApiBearerAuth(),
    ApiCookieAuth(),
  );

/** Who asks: the scope of every query of a handler. */
export const Caller = createParamDecorator((_: unknown, context: ExecutionContext): Principal =>
  callerOf(context.switchToHttp().getRequest<HttpRequest>()),
);

/** The same, for handlers that have the request at hand. */
export function callerOf({ state }: HttpRequest): Principal {
  if (!state?.principal) throw new AuthRequiredError();
  return state.principal;
}
