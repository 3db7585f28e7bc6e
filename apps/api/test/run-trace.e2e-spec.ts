import { startTracing, type Tracing } from '@flowmate/observability';
import { RUN_JOB } from '@flowmate/queue';
import { Redis } from '@flowmate/redis';
import { eventually, verifies } from '@flowmate/testing';
import { startApiUnderTest, type ApiUnderTest } from './harness/api-under-test.js';
import { ask } from './harness/ask.js';
import { newPerson } from './harness/people.js';
import { runOf } from './harness/runs.js';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';

describe(verifies('FS-12', 'a request that starts a run'), () => {
  let api: ApiUnderTest;
  let tracing: Tracing;

  beforeAll(async () => {
    api = await startApiUnderTest({ modules: [] });
    // No collector is needed to see what is handed on.
    const endpoint = 'http://127.0.0.1:9/v1/traces';
    const asked = { enabled: true, endpoint, serviceName: 'api', version: '1.2.3', sampleRatio: 1 };
    tracing = await startTracing({ ...asked, onLoss: () => undefined });
  });
  afterAll(async () => {
    await tracing.stop();
    await api.close();
  });

  it('hands its trace on, in the run and with the bell', async () => {
    const ada = await newPerson(api);
    const { json: agent } = await ask(api, ada, '/api/v1/agents', { body: { name: 'Reporter' } });
    const { json: run } = await ask(api, ada, `/api/v1/agents/${agent.id}/run`, {
      body: { input: 'Hello' },
      headers: { traceparent: `00-${TRACE}-00f067aa0ba902b7-01` },
    });
    const handedOn = new RegExp(`^00-${TRACE}-(?!00f067aa0ba902b7)[0-9a-f]{16}-01$`);
    expect((await runOf(api, run.runId)).traceparent).toMatch(handedOn);
    const redis = api.app.get(Redis, { strict: false });
    const bell = redis.key('queue', RUN_JOB.queue, `${run.runId}-1`);
    const envelope = await eventually(async () => {
      const stored = await redis.send('HGET', [bell, 'data']);
      expect(stored).not.toBeNull();
      return JSON.parse(String(stored)) as { traceparent?: string };
    });
    expect(envelope.traceparent).toMatch(handedOn);
  });
});
