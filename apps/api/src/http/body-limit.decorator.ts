import { RouteConfig } from '@nestjs/platform-fastify';

/** 1 MB: the promise for every body unless a route says otherwise. */
export const DEFAULT_BODY_LIMIT = 1_048_576;

/** Another body limit for this route. `server.ts` reads it when the route is registered. */
export const BodyLimit = (bytes: number): MethodDecorator => RouteConfig({ bodyLimitBytes: bytes }) as MethodDecorator;
