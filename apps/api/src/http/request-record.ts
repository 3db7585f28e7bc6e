import { LoadGate, correlationIdFrom, runWithContext, type HttpMetrics, type Logger } from '@flowmate/observability';
import { OverloadedError } from './http.errors.js';
import type { HttpReply, HttpRequest, HttpServer } from './http.types.js';
import { codeOf } from './problem.js';

const failures = new WeakMap<HttpRequest, unknown>();

/** Remembers why a request failed, for its one line in the log. */
export function failed(request: HttpRequest, error: unknown): void {
  failures.set(request, error);
}

export interface RecordOptions {
  readonly logger: Logger;
  readonly metrics: HttpMetrics | undefined;
  readonly gate: LoadGate;
  readonly headers: Readonly<Record<string, string>>;
}

/** First and last of every request: correlation id, headers, overload, one log line, one count. */
export function recordRequests(server: HttpServer, options: RecordOptions): void {
  const { logger, metrics, gate, headers } = options;

  server.addHook('onRequest', (request, reply, done) => {
    const correlationId = correlationIdFrom(request.headers['x-correlation-id']);
    reply.headers(headers).header('x-correlation-id', correlationId);
    metrics?.started();
    const refused = gate.isOverloaded() && !isProbe(request) ? new OverloadedError() : undefined;
    runWithContext({ correlationId }, () => done(refused));
  });

  server.addHook('onResponse', (request, reply, done) => {
    const { error, line } = outcome(request, reply);
    metrics?.finished({
      ...line,
      durationSeconds: line.durationMs / 1_000,
      code: error === undefined ? undefined : codeOf(error),
    });
    if (!isProbe(request) || line.status >= 400) {
      logger.request({ ...line, code: error === undefined ? undefined : codeOf(error), error });
    }
    done();
  });
}

interface Line {
  readonly method: string;
  readonly path: string;
  readonly route: string | undefined;
  readonly status: number;
  readonly durationMs: number;
}

function outcome(request: HttpRequest, reply: HttpReply): { error: unknown; line: Line } {
  const [path = '/'] = request.url.split('?', 1);
  return {
    error: failures.get(request),
    line: {
      method: request.method,
      path,
      route: request.is404 ? undefined : request.routeOptions.url,
      status: reply.statusCode,
      durationMs: reply.elapsedTime,
    },
  };
}

function isProbe(request: HttpRequest): boolean {
  return !request.is404 && Reflect.get(request.routeOptions.config, 'isProbe') === true;
}
