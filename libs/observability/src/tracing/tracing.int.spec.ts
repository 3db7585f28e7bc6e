import { createServer, type Server } from 'node:http';
import { DomainError } from '@flowmate/domain';
import { eventually, verifies } from '@flowmate/testing';
import { createLogger } from '../logging/logger.js';
import type { LogFields } from '../logging/log-fields.js';
import { startServerSpan, traceHeaders, withSpan, withSpanOf } from './spans.js';
import { startTracing, type Tracing } from './tracing.js';

interface SentSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly status: { readonly code?: number };
  readonly attributes: ReadonlyArray<{ readonly key: string; readonly value: Readonly<Record<string, unknown>> }>;
}

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const TRACEPARENT = `00-${TRACE}-00f067aa0ba902b7-01`;

class FullError extends DomainError {
  readonly kind = 'limited';
  readonly code = 'queue_full';
}

let collector: Server;
let bodies: string[] = [];
let answer: 'ok' | 'hang' = 'ok';
let tracing: Tracing | undefined;

function spans(): SentSpan[] {
  return bodies.flatMap((body) => {
    const { resourceSpans } = JSON.parse(body) as {
      resourceSpans: Array<{ scopeSpans: Array<{ spans: SentSpan[] }> }>;
    };
    return resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans));
  });
}

function attributesOf(span: SentSpan | undefined): Record<string, unknown> {
  return Object.fromEntries((span?.attributes ?? []).map(({ key, value }) => [key, Object.values(value)[0]]));
}

async function start(changes: { sampleRatio?: number; endpoint?: string; enabled?: boolean } = {}): Promise<number[]> {
  const address = collector.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const losses: number[] = [];
  tracing = await startTracing({
    enabled: true,
    endpoint: `http://127.0.0.1:${port}/v1/traces`,
    serviceName: 'api',
    version: '1.2.3',
    sampleRatio: 1,
    onLoss: (lost) => losses.push(lost),
    ...changes,
  });
  return losses;
}

beforeAll(async () => {
  collector = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (part: string) => (body += part));
    request.on('end', () => {
      bodies.push(body);
      if (answer === 'ok') response.end('{}');
    });
  });
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
});

beforeEach(() => {
  bodies = [];
  answer = 'ok';
});

afterEach(() => tracing?.stop());

afterAll(async () => {
  collector.closeAllConnections();
  await new Promise((resolve) => collector.close(resolve));
});

describe(verifies('FS-12', 'traces'), () => {
  it('are off unless asked for, and then nothing is sent or slowed down', async () => {
    await start({ enabled: false });
    expect(startServerSpan({ method: 'GET' })).toBeUndefined();
    expect(await withSpan('work', {}, () => 7)).toBe(7);
    expect(traceHeaders()).toEqual({});
    await tracing?.stop();
    expect(bodies).toEqual([]);
  });

  it('join the trace of the caller and hand it on', async () => {
    await start();
    const request = startServerSpan({ method: 'POST', traceparent: TRACEPARENT });
    const headers = await request?.run(() => withSpan('store run', { runId: 'r1' }, () => traceHeaders()));
    request?.end({ status: 201, route: '/api/v1/agents/:id/run' });
    await tracing?.stop();
    const [inner, outer] = spans();
    expect(outer).toMatchObject({
      traceId: TRACE,
      parentSpanId: '00f067aa0ba902b7',
      name: 'POST /api/v1/agents/:id/run',
    });
    expect(inner).toMatchObject({ traceId: TRACE, parentSpanId: outer?.spanId, name: 'store run' });
    expect(headers).toEqual({ traceparent: `00-${TRACE}-${inner?.spanId}-01` });
    expect(attributesOf(inner)).toEqual({ runId: 'r1' });
    expect(attributesOf(outer)).toMatchObject({
      'http.response.status_code': 201,
      'http.route': '/api/v1/agents/:id/run',
    });
  });

  it('of a job join the trace that the job names, and begin their own when it names none', async () => {
    await start();
    await withSpanOf(TRACEPARENT, 'named', {}, () => undefined);
    await withSpanOf('nonsense', 'alone', {}, () => undefined);
    await withSpanOf(TRACEPARENT, 'outer', {}, () => withSpanOf(null, 'begun by another', {}, () => undefined));
    await tracing?.stop();
    const [named, alone, begun] = spans();
    expect(begun).toMatchObject({ name: 'begun by another' });
    expect(begun?.traceId).not.toBe(TRACE);
    expect(named).toMatchObject({ name: 'named', traceId: TRACE, parentSpanId: '00f067aa0ba902b7' });
    expect(alone?.traceId).not.toBe(TRACE);
  });

  it('show in the log lines of their work', async () => {
    await start();
    const lines: string[] = [];
    const destination = { write: (line: string) => void lines.push(line) };
    const logger = createLogger({ level: 'info', format: 'json', service: 'api', environment: 'test', destination });
    startServerSpan({ method: 'GET', traceparent: TRACEPARENT })?.run(() => logger.info('inside'));
    logger.info('outside');
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ traceId: TRACE });
    expect(JSON.parse(lines[1] ?? '')).not.toHaveProperty('traceId');
  });

  it('are sampled by our own ratio, whatever the caller asks for', async () => {
    await start({ sampleRatio: 0 });
    startServerSpan({ method: 'GET', traceparent: TRACEPARENT })?.end({ status: 200 });
    await tracing?.stop();
    expect(bodies).toEqual([]);
  });
});

describe(verifies('FS-12', 'AP-12', 'R23', 'what a trace tells'), () => {
  it('is what a log line may tell, and no error message', async () => {
    await start();
    const fields = { tool: 'fm_live_4eC39HqLyjWDarjtT1zdp7dc', headers: 'canary' } as LogFields;
    await withSpan('a', fields, () => Promise.reject(new Error('canary'))).catch(() => undefined);
    await withSpan('b', {}, () => Promise.reject(new FullError('canary'))).catch(() => undefined);
    startServerSpan({ method: 'ca\nnary', traceparent: 'canary' })?.end({ status: 500 });
    await tracing?.stop();
    expect(bodies.join('')).not.toMatch(/canary|4eC39/);
    const [failed, foreseen, request] = spans();
    expect(failed?.status.code).toBe(2);
    expect(attributesOf(failed)).toMatchObject({ 'error.type': 'Error', fieldsLeftOut: 1 });
    expect(attributesOf(foreseen)).toEqual({ 'error.type': 'queue_full' });
    expect(request).toMatchObject({ name: expect.stringMatching(/ unmatched$/), status: { code: 2 } });
  });
});

describe(verifies('FS-12', 'a collector that fails'), () => {
  it('costs a bounded stop when it hangs', async () => {
    answer = 'hang';
    await start();
    await withSpan('work', {}, () => undefined);
    const started = performance.now();
    const stopped = tracing?.stop();
    await eventually(() => expect(bodies).toHaveLength(1));
    await stopped;
    expect(performance.now() - started).toBeLessThan(2_500);
  });

  it('costs one warning when it is gone', async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown): void => void unhandled.push(reason);
    process.on('unhandledRejection', note);
    const losses = await start({ endpoint: 'http://127.0.0.1:9/v1/traces' });
    await Promise.all(Array.from({ length: 3_000 }, () => withSpan('work', {}, () => undefined)));
    await eventually(() => expect(losses).toHaveLength(1), 15_000);
    await tracing?.stop();
    expect(losses).toHaveLength(1);
    process.off('unhandledRejection', note);
    expect(unhandled).toEqual([]);
  }, 30_000);
});
