import { newId } from '@flowmate/domain';
import { JobProducer, RUN_JOB } from '@flowmate/queue';
import { verifies } from '@flowmate/testing';
import { startApiUnderTest, type ApiUnderTest } from './harness/api-under-test.js';
import { expectProblem } from './harness/expect-problem.js';
import { newPerson } from './harness/people.js';
import { send } from './harness/send.js';

const QUEUES = '/api/v1/admin/queues';

interface Queues {
  readonly queues: ReadonlyArray<{ name: string; waiting: number; active: number; delayed: number }>;
}

describe(verifies('U-17', 'the queues'), () => {
  let api: ApiUnderTest;
  beforeAll(async () => {
    api = await startApiUnderTest();
  });
  afterAll(() => api.close());

  it('say how many bells of runs nobody has heard yet, to administrators only', async () => {
    const [admin, person] = [await newPerson(api, { role: 'admin' }), await newPerson(api)];
    const producer = api.app.get(JobProducer, { strict: false });
    for (const runId of [newId(), newId()])
      // oxlint-disable-next-line no-await-in-loop -- two
      await producer.add(RUN_JOB, { id: `${runId}-1`, payload: { runId }, priority: 1 });
    const answer = await send(api.port, { path: QUEUES, headers: admin.headers });
    expect(answer.status).toBe(200);
    const { queues } = JSON.parse(answer.body) as Queues;
    expect(queues.find(({ name }) => name === 'agent-run-queue')).toEqual({
      name: 'agent-run-queue',
      waiting: 2,
      active: 0,
      delayed: 0,
    });
    expect(queues.map(({ name }) => name).sort()).toEqual(['agent-run-queue', 'canary', 'mail']);
    const refused = await send(api.port, { path: QUEUES, headers: person.headers });
    expectProblem(refused, { id: 'queues', name: 'a member', status: 403, code: 'forbidden_role' });
  });
});
