import { applyDecorators, SetMetadata } from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';

export interface RouteLimit {
  /** Operations of one name share one count. `RATE_LIMIT_ROUTES` tunes the limit under this name. */
  readonly name: string;
  readonly max: number;
  readonly windowMs: number;
  /** Whose requests are counted together. Without a user it is always the address. */
  readonly per: 'address' | 'user';
  /** Whether it stands in the place of the caller’s limit: for what a whole office behind one address does all day. */
  readonly isInstead?: true;
  /** `refusals`: only requests that were answered 401. They are refused before work as soon as there were too many. */
  readonly counts?: 'requests' | 'refusals';
}

export const ROUTE_LIMIT = Symbol('route limit');

/** Where the OpenAPI document tells the limit of an operation. */
const LIMIT_EXTENSION = 'x-rate-limit';

const known = new Map<string, RouteLimit>();

/** All limits of single operations, by name: filled when the classes of the controllers are read. */
export const routeLimits = (): ReadonlyMap<string, RouteLimit> => known;

/** A limit of its own for this operation, besides the one of the caller. */
export function Limit(limit: RouteLimit): MethodDecorator {
  const before = known.get(limit.name);
  if (before !== undefined && JSON.stringify(before) !== JSON.stringify(limit))
    throw new Error(`Two limits have the name ${limit.name}.`);
  known.set(limit.name, limit);
  return applyDecorators(SetMetadata(ROUTE_LIMIT, limit), ApiExtension(LIMIT_EXTENSION, limit));
}
