import { SetMetadata, type CustomDecorator } from '@nestjs/common';

export type Access = 'public' | 'operator';

export const ACCESS = Symbol('access');

/** Opens a route to everybody. The only way out of default deny; a test lists every use. */
export const Public = (): CustomDecorator<symbol> => SetMetadata(ACCESS, 'public' satisfies Access);

/** For whoever holds METRICS_TOKEN. Without that setting the route does not exist. */
export const OperatorOnly = (): CustomDecorator<symbol> => SetMetadata(ACCESS, 'operator' satisfies Access);
