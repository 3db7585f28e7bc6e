import { SetMetadata, applyDecorators, type CustomDecorator } from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';

export type Access = 'public' | 'operator';

export const ACCESS = Symbol('access');

/** How the OpenAPI document learns of it; `document.ts` turns it into an empty list of requirements. */
export const PUBLIC_EXTENSION = 'x-public';

/** Opens a route to everybody. The only way out of default deny; a test lists every use. */
export const Public = (): MethodDecorator =>
  applyDecorators(SetMetadata(ACCESS, 'public' satisfies Access), ApiExtension(PUBLIC_EXTENSION, true));

/** For whoever holds METRICS_TOKEN. Without that setting the route does not exist. */
export const OperatorOnly = (): CustomDecorator<symbol> => SetMetadata(ACCESS, 'operator' satisfies Access);
