import { AsyncLocalStorage } from 'node:async_hooks';
import {
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Context,
  type Span,
  type SpanOptions,
  type Tracer,
} from '@opentelemetry/api';
import { DomainError } from '@flowmate/domain';
import { FieldCleaner, type CleanFields, type LogFields } from '../logging/log-fields.js';
import { readTraceparent, writeTraceparent } from './traceparent.js';

interface Running {
  readonly tracer: Tracer;
  readonly cleaner: FieldCleaner;
}

/** The span of one request, from its arrival to the end of its answer. */
export interface ServerSpan {
  /** Runs work as part of the span: what it starts or sends belongs to the same trace. */
  run<T>(work: () => T): T;
  end(result: { readonly status: number; readonly route?: string | undefined }): void;
}

/** One tracer per process, absent while tracing is off: then every function here is one comparison. */
let running: Running | undefined;
const active = new AsyncLocalStorage<Context>();

export function installTracer(tracer: Tracer, ipSalt: Uint8Array): void {
  running = { tracer, cleaner: new FieldCleaner(ipSalt) };
}

export function removeTracer(): void {
  running = undefined;
}

export function currentTraceId(): string | undefined {
  return running && currentSpan()?.spanContext().traceId;
}

/** The headers that make the next service part of this trace; none while tracing is off. */
export function traceHeaders(): { readonly traceparent?: string } {
  const span = running && currentSpan();
  return span ? { traceparent: writeTraceparent(span.spanContext()) } : {};
}

/** Runs work as a span of the current trace. Attributes are those that a log line may hold. */
export async function withSpan<T>(name: string, attributes: LogFields, work: () => T | Promise<T>): Promise<T> {
  if (!running) return work();
  const parent = active.getStore() ?? ROOT_CONTEXT;
  const span = begin(running, name, { kind: SpanKind.INTERNAL }, parent);
  span.setAttributes(clean(running, attributes));
  try {
    return await active.run(trace.setSpan(parent, span), work);
  } catch (error) {
    // The message stays out: it may hold what must not leave the process.
    span.setStatus({ code: SpanStatusCode.ERROR });
    span.setAttribute('error.type', error instanceof DomainError ? error.code : nameOf(error));
    throw error;
  } finally {
    span.end();
  }
}

/**
 * Like {@link withSpan}, as part of the trace that another process named: a job brings the context of who rang it.
 * Without one it is a trace of its own, whatever runs around it: a run may be begun by the end of somebody else's.
 */
export async function withSpanOf<T>(
  traceparent: unknown,
  name: string,
  attributes: LogFields,
  work: () => T | Promise<T>,
): Promise<T> {
  if (!running) return work();
  const remote = readTraceparent(traceparent);
  const parent = remote ? trace.setSpanContext(ROOT_CONTEXT, remote) : ROOT_CONTEXT;
  return active.run(parent, () => withSpan(name, attributes, work));
}

/** Begins the span of an incoming request, as part of the caller's trace when it names one. */
export function startServerSpan(request: { method: string; traceparent?: unknown }): ServerSpan | undefined {
  if (!running) return undefined;
  const { cleaner } = running;
  const remote = readTraceparent(request.traceparent);
  const parent = remote ? trace.setSpanContext(ROOT_CONTEXT, remote) : ROOT_CONTEXT;
  const method: CleanFields = {};
  cleaner.addTo(method, { method: request.method });
  const span = begin(running, 'request', { kind: SpanKind.SERVER }, parent);
  const context = trace.setSpan(parent, span);
  return {
    run: (work) => active.run(context, work),
    end: ({ status, route }) => {
      span.updateName(`${method['method']} ${route ?? 'unmatched'}`);
      span.setAttributes({ 'http.request.method': method['method'] ?? '', 'http.response.status_code': status });
      if (route !== undefined) span.setAttribute('http.route', route);
      if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
      span.end();
    },
  };
}

function currentSpan(): Span | undefined {
  const context = active.getStore();
  return context && trace.getSpan(context);
}

function begin({ tracer }: Running, name: string, options: SpanOptions, parent: Context): Span {
  return tracer.startSpan(name, options, parent);
}

function clean({ cleaner }: Running, attributes: LogFields): CleanFields {
  const line: CleanFields = {};
  cleaner.addTo(line, attributes);
  return line;
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}
