import { RateLimitEnv, ConfigError } from '@flowmate/config';
import { TIER_LIMITS } from '@flowmate/domain';
import { Injectable, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ACCESS } from '../auth/access.decorator.js';
import type { HttpRequest } from '../http/http.types.js';
import { clientAddress } from './client-address.js';
import { ROUTE_LIMIT, routeLimits, type RouteLimit } from './limit.decorator.js';

export interface CallerLimit {
  readonly max: number;
  readonly windowMs: number;
}

/** Tiers are told in requests per minute. */
const MINUTE_MS = 60_000;

export const addressKey = (request: HttpRequest): string => `address:${clientAddress(request)}`;

/** Which limits a request has, and under which names it is counted. */
@Injectable()
export class LimitsOfRequest {
  private readonly routes = new WeakMap<object, RouteLimit | null>();
  private readonly operators = new WeakMap<object, boolean>();
  private readonly tuned: ReturnType<RateLimitEnv['tuned']>;

  constructor(
    private readonly settings: RateLimitEnv,
    private readonly reflector: Reflector,
  ) {
    this.tuned = settings.tuned();
    const unknown = [...this.tuned.keys()].filter((name) => !routeLimits().has(name));
    if (unknown.length > 0)
      throw new ConfigError([{ name: 'RATE_LIMIT_ROUTES', rule: 'names an operation that has no limit of its own' }]);
  }

  /** Health is asked by machines every few seconds, and who operates the instance shows a token. */
  isExempt(context: ExecutionContext): boolean {
    const { state } = context.switchToHttp().getRequest<HttpRequest>();
    if (state?.isProbe === true) return true;
    const handler = context.getHandler();
    const known = this.operators.get(handler);
    if (known !== undefined) return known;
    const isOperators = this.reflector.getAllAndOverride(ACCESS, [handler, context.getClass()]) === 'operator';
    this.operators.set(handler, isOperators);
    return isOperators;
  }

  /** The limit of the operation itself. */
  ofRoute(context: ExecutionContext): RouteLimit | undefined {
    const handler = context.getHandler();
    const known = this.routes.get(handler);
    if (known !== undefined) return known ?? undefined;
    const declared = this.reflector.get<RouteLimit | undefined>(ROUTE_LIMIT, handler);
    const limit = declared && { ...declared, ...this.tuned.get(declared.name) };
    this.routes.set(handler, limit ?? null);
    return limit;
  }

  /** The limit of who asks: of the tier, or of the address as long as nobody has signed in. None is no cap. */
  ofCaller({ state }: HttpRequest): CallerLimit | undefined {
    const principal = state?.principal;
    if (!principal?.userId) return { max: this.settings.maxRequests, windowMs: this.settings.windowMs };
    const max = TIER_LIMITS[principal.tier].requestsPerMinute;
    return max === null ? undefined : { max, windowMs: MINUTE_MS };
  }

  /** All keys and sessions of a person are one caller, in each tier that his workspaces have. */
  keyOfCaller(request: HttpRequest): string {
    const principal = request.state?.principal;
    return principal?.userId ? `user:${principal.tier}:${principal.userId}` : addressKey(request);
  }

  keyOfRoute(request: HttpRequest, { name, per }: RouteLimit): string {
    const userId = request.state?.principal?.userId;
    return `${name}:${per === 'user' && userId ? `user:${userId}` : addressKey(request)}`;
  }
}
