import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { InvalidInputError } from '@flowmate/domain';
import type { HttpRequest } from './http.types.js';

/** No operation has more than a dozen parameters; a thousand of them are an attack on the parser. */
const MAX_PARAMETERS = 100;

/** Nest's number for `@Query()` in its argument metadata, whose keys read `<type>:<position>`. */
const QUERY_ARGUMENT = '4:';

function refuse(rule: string, message: string): never {
  throw new InvalidInputError([{ path: '', rule, message }]);
}

/** An operation that declares no query parameters accepts none, so that a misspelt filter never widens an answer. */
@Injectable()
export class QueryGuard implements CanActivate {
  private readonly takesQuery = new WeakMap<object, boolean>();

  canActivate(context: ExecutionContext): boolean {
    const { url = '' } = context.switchToHttp().getRequest<HttpRequest>().raw;
    const start = url.indexOf('?');
    if (start === -1 || start === url.length - 1) return true;
    if (url.split('&', MAX_PARAMETERS + 1).length > MAX_PARAMETERS)
      refuse('maxParameters', 'has too many query parameters');
    if (!this.declaresQuery(context)) refuse('unrecognized_keys', 'takes no query parameters');
    return true;
  }

  private declaresQuery(context: ExecutionContext): boolean {
    const handler = context.getHandler();
    const known = this.takesQuery.get(handler);
    if (known !== undefined) return known;
    const declared: object = Reflect.getMetadata(ROUTE_ARGS_METADATA, context.getClass(), handler.name) ?? {};
    const takes = Object.keys(declared).some((key) => key.startsWith(QUERY_ARGUMENT));
    this.takesQuery.set(handler, takes);
    return takes;
  }
}
