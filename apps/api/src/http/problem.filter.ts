import { Catch, HttpException, HttpStatus, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { DomainError } from '@flowmate/domain';
import { currentContext } from '@flowmate/observability';
import {
  BadRequestError,
  JsonMalformedError,
  MethodNotAllowedError,
  PayloadTooLargeError,
  RouteNotFoundError,
  UnsupportedMediaTypeError,
} from './http.errors.js';
import type { HttpReply, HttpRequest } from './http.types.js';
import { PROBLEM_TYPE, problemHeaders, statusOf, toProblem } from './problem.js';
import type { RouteTable } from './route-table.js';
import type { RequestRecord } from './request-record.js';

/** Codes of the HTTP framework's own errors that are the caller's doing; all others are ours. */
const FRAMEWORK_ERRORS: Readonly<Record<string, () => DomainError>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: () => new PayloadTooLargeError(),
  FST_ERR_CTP_INVALID_MEDIA_TYPE: () => new UnsupportedMediaTypeError(),
  FST_ERR_CTP_EMPTY_TYPE: () => new UnsupportedMediaTypeError(),
  FST_ERR_CTP_EMPTY_JSON_BODY: () => new JsonMalformedError(),
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: () => new BadRequestError(),
  FST_ERR_BAD_URL: () => new RouteNotFoundError(),
  FST_ERR_MAX_PARAM_LENGTH: () => new RouteNotFoundError(),
};

/** The one way out for everything that is thrown, wherever in the request's life. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(
    private readonly routes: RouteTable,
    private readonly record: RequestRecord,
  ) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    this.answer(thrown, http.getRequest<HttpRequest>(), http.getResponse<HttpReply>());
  }

  answer(thrown: unknown, request: HttpRequest, reply: HttpReply): void {
    const error = this.translate(thrown, request);
    this.record.failed(request, error);
    // An answer that is under way cannot become another one; cutting it tells the reader that it is not whole.
    if (reply.raw.headersSent) {
      reply.raw.destroy();
      return;
    }
    const { correlationId = '' } = currentContext() ?? {};
    void reply
      .status(statusOf(error))
      .headers(problemHeaders(error))
      .type(PROBLEM_TYPE)
      .serializer(JSON.stringify)
      .send(toProblem(error, pathOf(request), correlationId));
  }

  /** For what the router itself refuses, before any hook has seen the request. */
  answerUnrouted(thrown: unknown, request: HttpRequest, reply: HttpReply): void {
    this.record.unrouted(request, reply, () => this.answer(thrown, request, reply));
  }

  private translate(thrown: unknown, request: HttpRequest): unknown {
    if (thrown instanceof DomainError) return thrown;
    // Nest wraps the HTTP framework's errors; what it wrapped says more.
    const source = thrown instanceof HttpException ? (thrown.cause ?? thrown) : thrown;
    const code = typeof source === 'object' && source !== null && 'code' in source ? String(source.code) : '';
    if (Object.hasOwn(FRAMEWORK_ERRORS, code)) return FRAMEWORK_ERRORS[code]?.();
    if (!(thrown instanceof HttpException) || thrown.getStatus() >= 500) return source;
    // Product code throws no HttpException: what is left is the router's, or a refusal that we have no word for.
    const isUnrouted =
      thrown.getStatus() === Number(HttpStatus.NOT_FOUND) || code === 'FST_ERR_ROUTE_MISSING_CONTENT_TYPE';
    return isUnrouted ? this.notFound(request) : new BadRequestError();
  }

  private notFound(request: HttpRequest): DomainError {
    const allowed = this.routes.methodsOf(pathOf(request));
    return allowed.length > 0 && !allowed.includes(request.method)
      ? new MethodNotAllowedError(allowed)
      : new RouteNotFoundError();
  }
}

/** No address of ours is longer; a longer one is not worth repeating. */
const MAX_INSTANCE_LENGTH = 200;

/** Anything but what our own paths are made of, which could be markup or a password. */
const FOREIGN = /[^A-Za-z0-9/._~%:@-]/g;

/** The path that was asked for: no query, and of an absolute address neither host nor credentials. */
function pathOf(request: HttpRequest): string {
  const [target = '/'] = request.url.split('?', 1);
  const path = target.startsWith('/') ? target : target.replace(/^[a-z]{1,10}:\/\/[^/]*/i, '');
  return (path.startsWith('/') ? path : '/').slice(0, MAX_INSTANCE_LENGTH).replace(FOREIGN, encodeURIComponent);
}
