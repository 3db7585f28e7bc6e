import { newId } from '@flowmate/domain';
import { ScriptedLlm, type ScriptedStep } from '@flowmate/llm';
import { verifies } from '@flowmate/testing';
import { timeNow } from '@flowmate/tools';
import { EngineWorld, type WorkerUnderTest } from './harness/engine-under-test.js';

interface Logged {
  readonly message: string;
  readonly correlationId: string;
  readonly fields: Readonly<Record<string, string>>;
}

/** Reads a line of the text format; what follows an error's own line belongs to it. */
function read(line: string): Logged {
  const [, correlationId = '', rest = ''] = /^\S+ \S+ \[([^\]]*)\] (.*)/.exec(line) ?? [];
  const fields = Object.fromEntries([...rest.matchAll(/ (\w+)=(\S+)/g)].map(([, name, value]) => [name, value]));
  return { message: rest.replace(/ \w+=.*/, ''), correlationId, fields };
}

describe(verifies('FM-76', 'the log of a run'), () => {
  const world = new EngineWorld();

  beforeAll(() => world.begin());
  afterAll(() => world.dispose());

  const worker = (script: readonly ScriptedStep[] | (() => ScriptedStep)): Promise<WorkerUnderTest> =>
    world.worker({
      model: new ScriptedLlm(script),
      tools: [timeNow()],
      variables: { WORKER_CONCURRENCY: '1', AGENT_MAX_RETRIES: '0' },
    });
  const ofRun = ({ lines }: WorkerUnderTest, runId: string): Logged[] =>
    lines.map(read).filter(({ fields }) => fields['runId'] === runId);

  it('says once that it left, and how, with everything that finds the rest of its story', async () => {
    const one = await worker([{ calls: [{ tool: 'time.now', args: {} }] }, { text: 'Done.' }]);
    const agentId = await world.agent({ tools: ['time.now'] });
    const id = await world.run(agentId, { correlationId: 'from-the-request' });
    await one.hear(id);
    const { workspaceId } = world;
    expect(ofRun(one, id)).toEqual([
      {
        message: 'run succeeded',
        correlationId: 'from-the-request',
        fields: expect.objectContaining({ workspaceId, agentId, runId: id, seq: '9', epoch: '1' }),
      },
    ]);
  });

  it('names the run and whose it is in every line, also of one that an error interrupts', async () => {
    const one = await worker([{ fail: new Error('a mistake of ours') as never }, { text: 'Done.' }]);
    const agentId = await world.agent();
    const id = await world.run(agentId);
    await one.hear(id);
    await world.until(id, 'succeeded');
    const logged = ofRun(one, id);
    const messages = logged.map(({ message }) => message);
    expect(messages[0]).toBe('a run was interrupted by an error; it is taken up again');
    expect(messages.at(-1)).toBe('run succeeded');
    for (const { correlationId, fields } of logged) {
      expect(correlationId).toBe(`test-${id}`);
      expect(fields).toMatchObject({ workspaceId: world.workspaceId, agentId });
    }
    expect(one.lines.join('\n')).toContain('a mistake of ours');
  });

  it('of one that had to wait for a place is its own, not that of the run that made room', async () => {
    const one = await worker(() => ({ text: 'Done.', delayMs: 20 }));
    const agents = [await world.agent(), await world.agent()];
    const ids = await Promise.all(agents.map((agentId) => world.run(agentId, { correlationId: `of-${agentId}` })));
    await Promise.all(ids.map((id) => one.hear(id)));
    await Promise.all(ids.map((id) => world.until(id, 'succeeded')));
    const told = one.lines.map(read).filter(({ message }) => message === 'run succeeded');
    const whose = told.map(({ correlationId, fields }) => [fields['runId'], fields['agentId'], correlationId]);
    expect(whose.sort()).toEqual(ids.map((id, index) => [id, agents[index], `of-${agents[index]}`]).sort());
  });

  it('names the run that a bell without one asks for', async () => {
    const one = await worker([]);
    const id = newId();
    await one.hear(id);
    expect(ofRun(one, id)).toMatchObject([{ message: 'security.job_rejected: a bell for a run that is not there' }]);
  });
});
