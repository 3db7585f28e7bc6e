import {
  correlationIdFrom,
  runWithContext,
  startServerSpan,
  type HttpMetrics,
  type LoadGate,
  type Logger,
} from '@flowmate/observability';
import type { DomainError } from '@flowmate/domain';
import { BadRequestError, OverloadedError } from './http.errors.js';
import type { HttpReply, HttpRequest, HttpServer, RequestState } from './http.types.js';
import { codeOf } from './problem.js';

export interface RecordParts {
  readonly logger: Logger;
  readonly metrics: HttpMetrics | undefined;
  readonly gate: LoadGate;
  /** Headers of every answer. */
  readonly headers: Readonly<Record<string, string>>;
}

/** First and last of every request: correlation id, headers, overload, one log line, one count, one span. */
export class RequestRecord {
  constructor(private readonly parts: RecordParts) {}

  attach(server: HttpServer): void {
    server.decorateRequest('state');
    server.addHook('onRequest', (request, reply, done) => {
      const state = this.begin(request, reply, request.is404 ? undefined : request.routeOptions);
      this.runWithin(request, reply, () => done(this.refusal(request, state)));
    });
    server.addHook('onResponse', (request, reply, done) => {
      this.end(request, reply);
      done();
    });
  }

  /** A request that the router refused before any hook saw it: its whole life in one call. */
  unrouted(request: HttpRequest, reply: HttpReply, answer: () => void): void {
    this.begin(request, reply, undefined);
    this.runWithin(request, reply, () => {
      answer();
      this.end(request, reply);
    });
  }

  /** Remembers why a request failed, for its line in the log. */
  failed(request: HttpRequest, error: unknown): void {
    if (request.state) request.state.failure = { error };
  }

  private refusal(request: HttpRequest, state: RequestState): DomainError | undefined {
    // Node would answer this itself, without our headers and without a line in the log.
    if (request.headers.host === undefined && request.raw.httpVersion === '1.1') return new BadRequestError();
    return this.parts.gate.isOverloaded() && !state.isProbe ? new OverloadedError() : undefined;
  }

  private begin(request: HttpRequest, reply: HttpReply, route: HttpRequest['routeOptions'] | undefined): RequestState {
    reply.headers(this.parts.headers);
    this.parts.metrics?.started();
    request.state = {
      route: route?.url,
      isProbe: route !== undefined && Reflect.get(route.config, 'isProbe') === true,
      span: startServerSpan({ method: request.method, traceparent: request.headers.traceparent }),
    };
    return request.state;
  }

  private runWithin(request: HttpRequest, reply: HttpReply, work: () => void): void {
    const correlationId = correlationIdFrom(request.headers['x-correlation-id']);
    reply.header('x-correlation-id', correlationId);
    const span = request.state?.span;
    runWithContext({ correlationId }, () => (span ? span.run(work) : work()));
  }

  private end(request: HttpRequest, reply: HttpReply): void {
    const { state, method } = request;
    if (!state) return;
    const { statusCode: status, elapsedTime: durationMs } = reply;
    const { route, span, failure, isProbe } = state;
    const code = failure && codeOf(failure.error);
    this.parts.metrics?.finished({ method, route, status, durationSeconds: durationMs / 1_000, code });
    span?.end({ status, route });
    if (status < 400 && isProbe) return;
    const [path = '/'] = request.url.split('?', 1);
    this.parts.logger.request({ method, path, route, status, durationMs, code, error: failure?.error });
  }
}
