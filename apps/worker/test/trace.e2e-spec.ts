import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Run } from '@flowmate/domain';
import { ScriptedLlm, type ModelPort, type ScriptedStep } from '@flowmate/llm';
import { Metrics, startServerSpan, startTracing, traceHeaders, type Tracing } from '@flowmate/observability';
import { JobConsumers, JobProducer, RUN_JOB } from '@flowmate/queue';
import { eventually, testStores, verifies } from '@flowmate/testing';
import { timeNow } from '@flowmate/tools';
import { TestRedis } from '../../../libs/redis/test/test-redis.js';
import { EngineWorld, type WorkerUnderTest } from './harness/engine-under-test.js';

interface SentSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
}

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const CALLER = `00-${TRACE}-00f067aa0ba902b7-01`;
const FAST = { WORKER_BEAT_MS: '100', WORKER_GONE_MS: '500' };

describe(verifies('FS-12', 'the trace of a run'), () => {
  const world = new EngineWorld();
  const test = new TestRedis(testStores().redisUrl);
  const { redis, logger } = test;
  const bodies: string[] = [];
  const opened: JobConsumers[] = [];
  let collector: Server;
  let tracing: Tracing;

  const spans = (): SentSpan[] =>
    bodies.flatMap((body) => {
      const { resourceSpans } = JSON.parse(body) as {
        resourceSpans: Array<{ scopeSpans: Array<{ spans: SentSpan[] }> }>;
      };
      return resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans));
    });

  /** A worker with its consumer, as one process has them. */
  const process = async (
    script: readonly ScriptedStep[],
  ): Promise<{ worker: WorkerUnderTest; consumers: JobConsumers; sent: string[] }> => {
    const sent: string[] = [];
    const scripted = new ScriptedLlm(script);
    const model: ModelPort = {
      host: scripted.host,
      answer: (request, call) => {
        sent.push(call.headers?.['traceparent'] ?? 'none');
        return scripted.answer(request, call);
      },
    };
    const worker = await world.worker({ model, tools: [timeNow()], variables: FAST, redis });
    const handlers = [worker.engine.handler];
    const consumers = new JobConsumers({ redis, handlers, catalog: [RUN_JOB], logger, metrics: new Metrics() });
    opened.push(consumers);
    await consumers.start();
    return { worker, consumers, sent };
  };

  /** What the api does with a request: the run keeps the trace, and the bell brings it. */
  const post = async (): Promise<string> => {
    const agentId = await world.agent({ tools: ['time.now'] });
    const span = startServerSpan({ method: 'POST', traceparent: CALLER });
    const begin = async (): Promise<string> => {
      const id = await world.run(agentId, { traceparent: traceHeaders().traceparent ?? null });
      await new JobProducer(redis, new Metrics()).add(RUN_JOB, { id: `${id}-1`, payload: { runId: id } });
      return id;
    };
    const id = await (span?.run(begin) ?? begin());
    span?.end({ status: 202, route: '/api/v1/agents/:id/run' });
    return id;
  };

  /** A run that loses its first worker in the middle of its second model call. */
  const runOverTwoWorkers = async (): Promise<{ run: Run; sent: string[] }> => {
    const first = await process([{ calls: [{ tool: 'time.now', args: {} }] }, { delayMs: 60_000, text: 'Never.' }]);
    const id = await post();
    await eventually(async () => expect((await world.read(id)).head.modelCalls).toBe(2));
    await world.freeze(first.worker);
    await first.consumers.pause();
    const second = await process([{ text: 'Here.' }]);
    await eventually(async () => {
      await second.worker.reconcile();
      expect((await world.read(id)).head.status).toBe('succeeded');
    }, 10_000);
    return { run: await world.read(id), sent: [...first.sent, ...second.sent] };
  };

  beforeAll(async () => {
    collector = createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (part: string) => (body += part));
      request.on('end', () => {
        bodies.push(body);
        response.end('{}');
      });
    });
    await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
    await Promise.all([world.begin(), redis.connect()]);
    tracing = await startTracing({
      enabled: true,
      endpoint: `http://127.0.0.1:${(collector.address() as AddressInfo).port}/v1/traces`,
      serviceName: 'worker',
      version: '1.2.3',
      sampleRatio: 1,
      onLoss: () => undefined,
    });
  });
  afterAll(async () => {
    await tracing.stop();
    collector.closeAllConnections();
    await new Promise((resolve) => collector.close(resolve));
  });

  it('is one from the request over the queue and the worker to the one that takes over, models included', async () => {
    const { run, sent } = await runOverTwoWorkers();
    expect(run.journal.map(({ type }) => type)).toContain('run.resumed');
    await world.dispose();
    await Promise.all(opened.map((consumers) => consumers.drain(0)));
    await redis.close();
    await tracing.stop();

    const ofTrace = spans().filter(({ traceId }) => traceId === TRACE);
    const named = (name: string): SentSpan[] => ofTrace.filter((span) => span.name === name);
    const [request] = named('POST /api/v1/agents/:id/run');
    expect(ofTrace.map(({ name }) => name).sort()).toEqual([
      'POST /api/v1/agents/:id/run',
      'job run.execute',
      'model call',
      'model call',
      'model call',
      'run',
      'run',
      'tool time.now',
    ]);
    expect(run.traceparent).toBe(`00-${TRACE}-${request?.spanId}-01`);
    // Both workers say whom the run belongs to, and what they did stands below what they took up.
    expect(named('run').map(({ parentSpanId }) => parentSpanId)).toEqual([request?.spanId, request?.spanId]);
    const runs = named('run').map(({ spanId }) => spanId);
    const done = [...named('model call'), ...named('tool time.now')];
    expect(done.filter(({ parentSpanId = '' }) => !runs.includes(parentSpanId))).toEqual([]);
    expect(new Set(done.map(({ parentSpanId }) => parentSpanId)).size).toBe(2);
    // The provider of the model can go on with it.
    const calls = named('model call').map(({ spanId }) => `00-${TRACE}-${spanId}-01`);
    expect([...sent].sort()).toEqual(calls.sort());
  }, 30_000);
});
