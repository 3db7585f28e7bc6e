import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { newId, type EntryData, type EntryType, type Run } from '@flowmate/domain';
import {
  ModelAuthError,
  ModelBadRequestError,
  ModelInvalidAnswerError,
  ModelRateLimitedError,
  ModelUnavailableError,
  ScriptedLlm,
  type ScriptedStep,
} from '@flowmate/llm';
import { eventually, Ledger, verifies } from '@flowmate/testing';
import { timeNow, type Tool } from '@flowmate/tools';
import { ledgerTools } from '../../../../libs/testing/src/simulators/ledger/ledger-tools.js';
import { EngineWorld, type WorkerUnderTest } from '../../test/harness/engine-under-test.js';

const QUICK = { AGENT_MAX_RETRIES: '1' };
const ALL = ['ledger.read', 'ledger.keyed', 'ledger.marked', 'ledger.plain'];
const ALLOWED = [{ tool: 'ledger.plain', policy: 'allow' as const }];

const dataOf = <T extends EntryType>({ journal }: Run, type: T): Array<EntryData[T]> =>
  journal.filter((entry) => entry.type === type).map((entry) => entry.data as EntryData[T]);

describe('the run engine', () => {
  const world = new EngineWorld();
  let ledger: Ledger;
  let tools: readonly Tool[];
  let close: () => Promise<void>;

  beforeAll(async () => {
    await world.begin();
    const file = join(await mkdtemp(join(tmpdir(), 'ledger-')), 'effects');
    ledger = await Ledger.start({ file });
    ({ tools, close } = ledgerTools({ url: ledger.url, timeoutMs: 300 }));
  });
  afterAll(async () => {
    await world.dispose();
    await close();
    await ledger.close();
  });

  const worker = (
    script: readonly ScriptedStep[],
    variables: Record<string, string> = QUICK,
  ): Promise<WorkerUnderTest> =>
    world.worker({ model: new ScriptedLlm(script), tools: [...tools, timeNow()], variables });
  const agent = (): Promise<string> => world.agent({ tools: [...ALL, 'time.now'], policies: ALLOWED });
  const started = async (changes: Parameters<EngineWorld['run']>[1] = {}): Promise<string> =>
    world.run(await agent(), changes);
  const calling = (tool: string, name: string): ScriptedStep => ({ calls: [{ tool, args: { name } }] });

  it('makes five writes of a run of two model calls and one tool call, the insert included', async () => {
    const model = new ScriptedLlm([
      { text: 'Let me see.', calls: [{ tool: 'time.now', args: {} }] },
      { text: 'It is late.' },
    ]);
    const one = await world.worker({ model, tools: [timeNow()] });
    const agentId = await world.agent({ tools: ['time.now'] });
    const commands = await world.test.commands();
    const id = await world.run(agentId);
    await one.hear(id);
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
    const writes = commands.filter(({ commandName }) => ['insert', 'update', 'findAndModify'].includes(commandName));
    const names = writes.map(({ command, commandName }) => `${commandName} ${command[commandName]}`);
    expect(names.filter((name) => !name.includes('workers') && !name.includes('agents'))).toEqual([
      'insert runs',
      ...Array.from({ length: 4 }, () => 'update runs'),
    ]);
    expect(run).toMatchObject({ owner: null, wakeAt: null, epoch: 1 });
    model.assertDone();
  });

  it('does nothing at a bell for a run that is over, held back, unknown, or of another worker', async () => {
    const one = await worker([{ text: 'Done.' }]);
    const id = await started();
    await one.hear(id);
    await one.hear(id);
    // In a workspace of its own, or the place that the first run left is given to it.
    const held = await world.run(await agent(), { workspaceId: newId() }, false);
    await one.hear(held);
    expect(await world.types(held)).toEqual(['run.queued']);
    await one.hear('0'.repeat(24));
    expect(one.lines.join('\n')).toContain('security.job_rejected');
    expect((await one.metrics.text()).split('\n').filter((line) => line.startsWith('flowmate_bells_refused'))).toEqual([
      'flowmate_bells_refused_total{reason="over"} 1',
      'flowmate_bells_refused_total{reason="held"} 1',
      'flowmate_bells_refused_total{reason="rejected_unknown"} 1',
    ]);
  });

  it('begins a run once, however often it is rung and by however many', async () => {
    const workers = await Promise.all([worker([{ text: 'a' }]), worker([{ text: 'a' }])]);
    const id = await started();
    await Promise.all([...workers, ...workers, ...workers].map((one) => one.hear(id)));
    const run = await world.until(id, 'succeeded');
    expect(dataOf(run, 'run.started')).toHaveLength(1);
    expect(dataOf(run, 'model.called')).toHaveLength(1);
  });

  describe(verifies('FM-14', 'FM-15', 'FM-16', 'FM-17', 'U-13', 'when a model fails'), () => {
    it('waits 1, 2 and 4 s, give or take a fifth, for three tries more', async () => {
      const fail = { fail: new ModelUnavailableError() };
      const one = await worker([fail, fail, fail, fail], {});
      const id = await started();
      await one.hear(id);
      const run = await world.until(id, 'failed');
      const delays = dataOf(run, 'run.retrying').map(({ delayMs }) => delayMs);
      expect(delays).toHaveLength(3);
      expect(delays.every((delay, at) => Math.abs(delay / (1_000 * 2 ** at) - 1) <= 0.201)).toBe(true);
    }, 15_000);

    it('tries again after what passes, and says so in the journal', async () => {
      const one = await worker([{ fail: new ModelUnavailableError() }, { text: 'There.' }]);
      const id = await started();
      const began = performance.now();
      await one.hear(id);
      const run = await world.until(id, 'succeeded');
      expect(dataOf(run, 'run.retrying')).toMatchObject([{ of: 'model', attempt: 2, code: 'llm_unavailable' }]);
      expect(performance.now() - began).toBeGreaterThan(800);
      expect(run.head.retries).toBe(1);
    });

    it('is given up after the tries that it has', async () => {
      const one = await worker([{ fail: new ModelUnavailableError() }, { fail: new ModelUnavailableError() }]);
      const id = await started();
      await one.hear(id);
      expect((await world.until(id, 'failed')).head.code).toBe('llm_unavailable');
    });

    it('fails at once when it would fail again', async () => {
      const one = await worker([{ fail: new ModelAuthError() }]);
      const id = await started();
      await one.hear(id);
      const run = await world.until(id, 'failed');
      expect(run.head).toMatchObject({ code: 'llm_auth', retries: 0 });
    });

    it('gives the place back when it has to wait for long', async () => {
      const one = await worker([{ fail: new ModelRateLimitedError({ retryAfterMs: 60_000 }) }]);
      const id = await started();
      await one.hear(id);
      const run = await world.until(id, 'waiting');
      expect(run.head.reason).toBe('retry');
      expect(run.owner).toBeNull();
      expect(run.wakeAt! - Date.now()).toBeGreaterThan(55_000);
    });

    it('asks once more after an answer that cannot be read, and then gives up', async () => {
      const bad = { fail: new ModelInvalidAnswerError() };
      const one = await worker([bad, { text: 'Better.' }]);
      const id = await started();
      await one.hear(id);
      await world.until(id, 'succeeded');
      const two = await worker([bad, bad]);
      const other = await started();
      await two.hear(other);
      expect((await world.until(other, 'failed')).head.code).toBe('llm_invalid_tool_call');
    });
  });

  describe(verifies('FM-12', 'with tools'), () => {
    it('refuses what is unknown, not granted or not allowed, and lets the model go on', async () => {
      const one = await worker([
        {
          calls: [
            { tool: 'no.such', args: {} },
            { tool: 'ledger.plain', args: { name: 'x' } },
          ],
        },
        { calls: [{ tool: 'time.now', args: {} }] },
        { text: 'I gave up.' },
      ]);
      const id = await world.run(await world.agent({ tools: ['ledger.plain'] }));
      await one.hear(id);
      const run = await world.until(id, 'succeeded');
      expect(dataOf(run, 'tool.failed').map(({ code }) => code)).toEqual([
        'tool_unknown',
        'approval_required',
        'tool_not_granted',
      ]);
      expect(dataOf(run, 'tool.intended')).toEqual([]);
    });

    it('ends a run that goes in circles, before the third time', async () => {
      const again = { calls: [{ tool: 'ledger.keyed', args: { name: 'circle' } }] };
      const one = await worker([again, again, again]);
      const id = await started();
      await one.hear(id);
      expect((await world.until(id, 'failed')).head.code).toBe('loop_detected');
      expect(ledger.calls.filter(({ path }) => path.endsWith('/circle'))).toHaveLength(2);
    });

    it('ends a run whose steps are used up', async () => {
      const one = await worker([calling('ledger.read', 'a'), calling('ledger.read', 'b')]);
      const id = await world.run(await world.agent({ tools: ALL, limits: { timeoutMs: null, maxSteps: 2 } }));
      await one.hear(id);
      expect((await world.until(id, 'failed')).head.code).toBe('step_limit');
    });

    it('makes ten calls of an answer and refuses the rest', async () => {
      const calls = Array.from({ length: 12 }, (_, index) => ({ tool: 'ledger.read', args: { name: `n${index}` } }));
      const one = await worker([{ calls }, { text: 'Enough.' }]);
      const id = await started();
      await one.hear(id);
      const run = await world.until(id, 'succeeded');
      expect(dataOf(run, 'tool.succeeded')).toHaveLength(10);
      expect(dataOf(run, 'tool.failed').map(({ code }) => code)).toEqual([
        'tool_too_many_calls',
        'tool_too_many_calls',
      ]);
    });

    it('sends a keyed write again with its key when nobody knows whether it arrived', async () => {
      ledger.set({ path: '/keyed/cut', mode: 'executeAndCut', times: 1 });
      const one = await worker([calling('ledger.keyed', 'cut'), { text: 'Written.' }]);
      const id = await started();
      await one.hear(id);
      await world.until(id, 'succeeded');
      const calls = ledger.calls.filter(({ path }) => path.endsWith('/cut'));
      expect(calls).toHaveLength(2);
      expect(new Set(calls.map(({ key }) => key)).size).toBe(1);
    });

    it('looks a marked write up and takes it as done', async () => {
      ledger.set({ path: '/marked/cut2', mode: 'executeAndCut', times: 1 });
      const one = await worker([calling('ledger.marked', 'cut2'), { text: 'Written.' }]);
      const id = await started();
      await one.hear(id);
      const run = await world.until(id, 'succeeded');
      expect(ledger.calls.filter(({ path }) => path.endsWith('/cut2'))).toHaveLength(1);
      expect(dataOf(run, 'tool.reconciled')).toMatchObject([{ how: 'found' }]);
    });

    it('leaves any other write to a person, and goes on as he says', async () => {
      ledger.set({ path: '/plain/cut3', mode: 'executeAndCut', times: 1 });
      const one = await worker([calling('ledger.plain', 'cut3'), { text: 'Written.' }]);
      const id = await started();
      await one.hear(id);
      const run = await world.until(id, 'waiting');
      expect(run.head.reason).toBe('review');
      expect(ledger.calls.filter(({ path }) => path.endsWith('/cut3'))).toHaveLength(1);
      await world.decide(run, 'done');
      await one.hear(id);
      await world.until(id, 'succeeded');
      expect(ledger.calls.filter(({ path }) => path.endsWith('/cut3'))).toHaveLength(1);
    });
  });

  it('ends a run whose time at work is over, and closes the call', async () => {
    const one = await worker([{ delayMs: 10_000, text: 'Late.' }]);
    const id = await started({ timeoutMs: 300 });
    const began = performance.now();
    await one.hear(id);
    expect((await world.until(id, 'failed')).head.code).toBe('run_timeout');
    expect(performance.now() - began).toBeLessThan(1_500);
  });

  it('cancels a run at once that sleeps before its next try', async () => {
    const one = await worker([{ fail: new ModelRateLimitedError({ retryAfterMs: 9_000 }) }], {});
    const id = await started();
    const hearing = one.hear(id);
    await eventually(async () => expect(await world.types(id)).toContain('run.retrying'));
    await world.cancel(await world.read(id));
    const began = performance.now();
    await one.engine.runs.attend(id);
    await hearing;
    expect((await world.read(id)).head.status).toBe('cancelled');
    expect(performance.now() - began).toBeLessThan(1_000);
  });

  describe('keeps what was said so far when a run fails', () => {
    const failedWith = async (one: WorkerUnderTest, id: string): Promise<EntryData['run.failed'] | undefined> => {
      await one.hear(id);
      return dataOf(await world.until(id, 'failed'), 'run.failed')[0];
    };
    const fail = new ModelBadRequestError();
    const silent: ScriptedStep = { calls: [{ tool: 'time.now', args: {} }] };

    it('the words of an answer before, when the model says no more', async () => {
      const one = await worker([{ text: 'Let me see.', calls: silent.calls! }, silent, { fail }]);
      expect(await failedWith(one, await started())).toMatchObject({
        code: 'llm_bad_request',
        output: { text: 'Let me see.' },
      });
    });

    it('and those that it was saying when it broke off, or when the time was over', async () => {
      const one = await worker([{ text: 'Half an answer', fail }]);
      expect((await failedWith(one, await started()))?.output).toEqual({ text: 'Half an answer' });
      const two = await worker([{ text: 'Half an answer of which the rest never comes', wordMs: 200 }]);
      const late = await failedWith(two, await started({ timeoutMs: 300 }));
      expect(late).toMatchObject({
        code: 'run_timeout',
        output: { text: expect.stringMatching(/^Half an(?! .*comes)/) },
      });
    });

    it('and which calls nobody knows the end of', async () => {
      ledger.set({ path: '/keyed/lost', mode: 'slow', ms: 2_000 });
      const one = await worker([{ text: 'I write it.', ...calling('ledger.keyed', 'lost') }]);
      const id = await started({ timeoutMs: 100 });
      const failed = await failedWith(one, id);
      const intent = (await world.read(id)).journal.find(({ type }) => type === 'tool.intended');
      expect(failed).toMatchObject({ code: 'run_timeout', output: { text: 'I write it.' }, undecided: [intent?.seq] });
    });
  });

  it('ends a run that did not end by the time by which it had to', async () => {
    const one = await worker([]);
    const id = await started({ deadlineAt: Date.now() - 1_000 });
    await one.hear(id);
    expect((await world.until(id, 'failed')).head).toMatchObject({ code: 'run_deadline', modelCalls: 0 });
  });

  it('keeps long texts beside the journal, and the model reads them all the same', async () => {
    const note = 'x'.repeat(20_000);
    const model = new ScriptedLlm([
      { calls: [{ tool: 'ledger.keyed', args: { name: 'long', note } }] },
      {
        text: 'Long.',
        expect: ({ messages }) => {
          const asked = messages.find(({ role }) => role === 'assistant');
          expect(JSON.stringify(asked)).toContain(note);
        },
      },
    ]);
    const one = await world.worker({ model, tools, variables: QUICK });
    const id = await started();
    await one.hear(id);
    const run = await world.until(id, 'succeeded');
    expect(dataOf(run, 'model.answered')[0]?.calls[0]?.args).toMatchObject({ ref: expect.any(String) });
    expect(run.bytes).toBeLessThan(5_000);
  });

  it('hands its runs back when it has to leave, and another worker goes on', async () => {
    const one = await worker([{ delayMs: 60_000, text: 'Never.' }]);
    const id = await started();
    const hearing = one.hear(id);
    await world.until(id, 'running');
    await one.engine.runs.leave(100);
    await hearing;
    const run = await world.until(id, 'queued');
    expect(run).toMatchObject({ owner: null, wakeAt: expect.any(Number) });
    expect(one.rung).toEqual([{ id: `${id}-${run.seq}`, runId: id, priority: expect.anything() }]);
    const two = await worker([{ text: 'Here.' }]);
    await two.hear(id);
    expect((await world.until(id, 'succeeded')).head.crashes).toBe(0);
  });

  it('ends a run at once when somebody cancels it', async () => {
    const one = await worker([{ delayMs: 60_000, text: 'Never.' }]);
    const id = await started();
    const hearing = one.hear(id);
    const run = await world.until(id, 'running');
    await eventually(async () => expect((await world.read(id)).head.modelCalls).toBe(1));
    await world.cancel(run);
    await one.engine.runs.attend(id);
    await hearing;
    expect((await world.until(id, 'cancelled')).head.isCancelRequested).toBe(true);
  });

  it('takes over what a lost worker had, and leaves alone what a live one has', async () => {
    const lost = await worker([{ delayMs: 60_000, text: 'Never.' }], { WORKER_BEAT_MS: '100', WORKER_GONE_MS: '500' });
    const id = await started();
    void lost.hear(id);
    await world.until(id, 'running');
    const two = await worker([{ text: 'Here.' }], { WORKER_BEAT_MS: '100', WORKER_GONE_MS: '500' });
    await two.hear(id);
    expect(await two.metrics.text()).toContain('flowmate_bells_refused_total{reason="busy"} 1');
    await world.freeze(lost);
    await wait(700);
    await eventually(async () => {
      await two.reconcile();
      expect(two.rung.map(({ runId }) => runId)).toContain(id);
    });
    await two.hear(id);
    const run = await world.until(id, 'succeeded');
    expect(dataOf(run, 'run.resumed')).toMatchObject([{ cause: 'takeover' }]);
    expect(run.epoch).toBe(2);
  });
});
