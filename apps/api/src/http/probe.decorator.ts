import { RouteConfig } from '@nestjs/platform-fastify';

/** A route that orchestrators ask every few seconds: served under overload, and logged only when it fails. */
export const Probe = (): MethodDecorator => RouteConfig({ isProbe: true }) as MethodDecorator;
