import { randomBytes } from 'node:crypto';
import type { SpanExporter } from '@opentelemetry/sdk-trace';
import { installTracer, removeTracer } from './spans.js';

export interface TracingOptions {
  readonly enabled: boolean;
  /** Where the collector takes OTLP over HTTP, such as `http://localhost:4318/v1/traces`. */
  readonly endpoint: string;
  readonly serviceName: string;
  readonly version: string;
  /** The share of traces that are kept, 0 to 1. */
  readonly sampleRatio: number;
  /** Hears that spans were lost, at most once a minute. */
  readonly onLoss: (spans: number) => void;
}

export interface Tracing {
  /** Sends what is left and ends tracing; takes two seconds at most, and never fails. */
  stop(): Promise<void>;
}

/** At about 1 KB a span, a collector that is down costs 2 MB and no more. */
const MAX_QUEUED_SPANS = 2_048;
const MAX_BATCH_SPANS = 512;
const BATCH_DELAY_MS = 2_000;
/** The exporter's own limit per batch, retries included. */
const EXPORT_TIMEOUT_MS = 5_000;
/** A collector that hangs may hold two batches, not the thirty of the default. */
const MAX_EXPORTS_AT_ONCE = 2;
const SHUTDOWN_LIMIT_MS = 2_000;
const WARNING_INTERVAL_MS = 60_000;
/** Attributes are cut like fields of a log line. */
const MAX_ATTRIBUTE_LENGTH = 1_024;
const SALT_BYTES = 32;

/**
 * Turns tracing on for this process. The SDK is loaded only then. The sampling decision is always our own:
 * callers choose their trace id, but must not choose how much we record.
 */
export async function startTracing(options: TracingOptions): Promise<Tracing> {
  if (!options.enabled) return { stop: () => Promise.resolve() };
  const [sdk, { resourceFromAttributes }, { OTLPTraceExporter }] = await Promise.all([
    import('@opentelemetry/sdk-trace'),
    import('@opentelemetry/resources'),
    import('@opentelemetry/exporter-trace-otlp-http'),
  ]);
  const exporter = new OTLPTraceExporter({
    url: options.endpoint,
    timeoutMillis: EXPORT_TIMEOUT_MS,
    concurrencyLimit: MAX_EXPORTS_AT_ONCE,
  });
  const sampler = new sdk.TraceIdRatioBasedSampler(options.sampleRatio);
  const provider = new sdk.TracerProvider({
    resource: resourceFromAttributes({ 'service.name': options.serviceName, 'service.version': options.version }),
    sampler: new sdk.ParentBasedSampler({
      root: sampler,
      remoteParentSampled: sampler,
      remoteParentNotSampled: sampler,
    }),
    spanLimits: { attributeValueLengthLimit: MAX_ATTRIBUTE_LENGTH },
    spanProcessors: [
      new sdk.BatchSpanProcessor({
        exporter: countingLoss(exporter, options.onLoss),
        maxQueueSize: MAX_QUEUED_SPANS,
        maxExportBatchSize: MAX_BATCH_SPANS,
        scheduledDelayMillis: BATCH_DELAY_MS,
        exportTimeoutMillis: EXPORT_TIMEOUT_MS,
      }),
    ],
  });
  installTracer(provider.getTracer(options.serviceName, options.version), randomBytes(SALT_BYTES));
  return {
    stop: async () => {
      removeTracer();
      await withinLimit(provider.shutdown());
    },
  };
}

/** The SDK itself is silent about spans that it could not deliver. */
function countingLoss(exporter: SpanExporter, onLoss: (spans: number) => void): SpanExporter {
  let lost = 0;
  let saidAt = -WARNING_INTERVAL_MS;
  return {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        if (result.code !== 0) lost += spans.length;
        if (lost > 0 && performance.now() - saidAt >= WARNING_INTERVAL_MS) {
          onLoss(lost);
          saidAt = performance.now();
          lost = 0;
        }
        done(result);
      }),
    shutdown: () => exporter.shutdown(),
    forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve(),
  };
}

async function withinLimit(shutdown: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, SHUTDOWN_LIMIT_MS);
  });
  try {
    // A collector that is gone is not worth a failed shutdown: its spans are lost either way.
    await Promise.race([shutdown.catch(() => undefined), limit]);
  } finally {
    clearTimeout(timer);
  }
}
