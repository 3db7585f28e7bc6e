import { ScriptedLlm } from '@flowmate/llm';
import { timeNow } from '@flowmate/tools';
import { EngineWorld } from '../../test/harness/engine-under-test.js';

describe('a run', () => {
  const world = new EngineWorld();
  beforeAll(() => world.begin());
  afterAll(() => world.dispose());

  it('of two model calls and one tool call is four writes of its worker, and two reads', async () => {
    const model = new ScriptedLlm([
      { text: 'Let me see.', calls: [{ tool: 'time.now', args: {} }] },
      { text: 'It is late.' },
    ]);
    const worker = await world.worker({ model, tools: [timeNow()] });
    const agentId = await world.agent({ tools: ['time.now'] });
    const id = await world.run(agentId);
    const commands = await world.test.commands();
    await worker.hear(id);
    const run = await world.until(id, 'succeeded');
    expect(run.journal.map(({ type }) => type)).toEqual([
      'run.queued',
      'run.started',
      'model.called',
      'model.answered',
      'tool.intended',
      'tool.succeeded',
      'model.called',
      'model.answered',
      'run.succeeded',
    ]);
    const ofRuns = commands.filter(({ command, commandName }) => command[commandName] === 'runs');
    expect(ofRuns.filter(({ commandName }) => commandName === 'update')).toHaveLength(4);
    expect(run).toMatchObject({ owner: null, wakeAt: null, epoch: 1 });
    model.assertDone();
  });
});
