import { FromEnv } from '../setting.js';
import { boolean, ratio, text } from '../setting-kinds.js';
import { IsHttpUrl } from '../validators.js';

export class TracingEnv {
  static readonly title = 'Traces';

  @FromEnv('OTEL_ENABLED', {
    kind: boolean,
    doc: 'Sends OpenTelemetry traces. A collector that is down costs nothing.',
    default: false,
  })
  enabled: boolean;

  @FromEnv('OTEL_EXPORTER_OTLP_ENDPOINT', {
    kind: text,
    doc: 'Where traces are sent (OTLP over HTTP).',
    default: 'http://localhost:4318/v1/traces',
  })
  @IsHttpUrl()
  endpoint: string;

  @FromEnv('OTEL_TRACES_SAMPLER_ARG', { kind: ratio, doc: 'Share of traces that is kept, from 0 to 1.', default: 1 })
  sampleRatio: number;
}
