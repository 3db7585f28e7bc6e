import type { DomainError } from '@flowmate/domain';
import {
  correlationIdFrom,
  runWithContext,
  startServerSpan,
  type HttpMetrics,
  type LoadGate,
  type Logger,
} from '@flowmate/observability';
import type { Connections } from './connections.js';
import { OverloadedError } from './http.errors.js';
import type { HttpReply, HttpRequest, HttpServer, RequestState } from './http.types.js';
import { codeOf, statusOf } from './problem.js';
import { framingErrorOf } from './request-framing.js';

export interface RecordParts {
  readonly logger: Logger;
  readonly metrics: HttpMetrics | undefined;
  readonly gate: LoadGate;
  readonly connections: Connections;
  /** Headers of every answer. */
  readonly headers: Readonly<Record<string, string>>;
}

/** What proxies write when the caller hung up before the answer; it is no status that anybody receives. */
const HUNG_UP = 499;
const HUNG_UP_CODE = 'caller_hung_up';

/** First and last of every request: correlation id, headers, overload, one log line, one count, one span. */
export class RequestRecord {
  constructor(private readonly parts: RecordParts) {}

  attach(server: HttpServer): void {
    server.decorateRequest('state');
    server.addHook('onRequest', (request, reply, done) => {
      const state = this.begin(request, reply, request.is404 ? undefined : request.routeOptions);
      const refused = framingErrorOf(request.raw) ?? (this.isOverloadedFor(state) ? new OverloadedError() : undefined);
      this.runWithin(state, () => done(refused));
    });
  }

  /** A request that the router refused before any hook saw it. */
  unrouted(request: HttpRequest, reply: HttpReply, answer: () => void): void {
    this.runWithin(this.begin(request, reply, undefined), answer);
  }

  /** Remembers why a request failed, for its line in the log. */
  failed(request: HttpRequest, error: unknown): void {
    if (request.state) request.state.failure = { error };
  }

  private isOverloadedFor(state: RequestState): boolean {
    return !state.isProbe && this.parts.gate.isOverloaded();
  }

  private begin(request: HttpRequest, reply: HttpReply, route: HttpRequest['routeOptions'] | undefined): RequestState {
    const correlationId = correlationIdFrom(request.headers['x-correlation-id']);
    reply.headers(this.parts.headers).header('x-correlation-id', correlationId);
    this.parts.metrics?.started();
    this.parts.connections.began(request.raw, correlationId);
    const state: RequestState = {
      context: { correlationId },
      route: route?.url,
      isProbe: route !== undefined && Reflect.get(route.config, 'isProbe') === true,
      span: startServerSpan({ method: request.method, traceparent: request.headers.traceparent }),
    };
    request.state = state;
    // The one event that comes for every request: answered, failed, or left by its caller.
    reply.raw.once('close', () => runWithContext(state.context, () => this.end(request, reply, state)));
    return state;
  }

  private runWithin({ context, span }: RequestState, work: () => void): void {
    runWithContext(context, () => (span ? span.run(work) : work()));
  }

  private end(request: HttpRequest, reply: HttpReply, state: RequestState): void {
    this.parts.connections.ended(request.raw);
    const { method } = request;
    const { route, span, failure, isProbe } = state;
    const refusal = this.parts.connections.refusalOf(request.raw);
    const { status, code } = outcomeOf(reply, refusal, state);
    const durationMs = reply.elapsedTime;
    this.parts.metrics?.finished({ method, route, status, durationSeconds: durationMs / 1_000, code });
    span?.end({ status, route });
    if (status < 400 && isProbe) return;
    const [path = '/'] = request.url.split('?', 1);
    this.parts.logger.request({ method, path, route, status, durationMs, code, error: refusal ?? failure?.error });
  }
}

/** What the caller got: our answer, a refusal on the bare socket, or nothing because he left. */
function outcomeOf(reply: HttpReply, refusal: DomainError | undefined, { failure, isStream }: RequestState) {
  if (reply.raw.writableFinished || isStream)
    return { status: reply.raw.statusCode, code: failure && codeOf(failure.error) };
  return refusal ? { status: statusOf(refusal), code: refusal.code } : { status: HUNG_UP, code: HUNG_UP_CODE };
}
