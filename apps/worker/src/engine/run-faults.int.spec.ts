import { DatabaseUnavailableError, type RunStore } from '@flowmate/database';
import type { EntryData, EntryType, NewEntry, Run } from '@flowmate/domain';
import { ModelUnavailableError, ScriptedLlm } from '@flowmate/llm';
import { eventually, verifies } from '@flowmate/testing';
import { ToolFailure, type Tool } from '@flowmate/tools';
import { toolOf } from '../../../../libs/tools/test/tools.js';
import { EngineWorld } from '../../test/harness/engine-under-test.js';
import type { Contents } from './contents.js';
import { RunSession } from './run-session.js';

const dataOf = <T extends EntryType>({ journal }: Run, type: T): Array<EntryData[T]> =>
  journal.filter((entry) => entry.type === type).map((entry) => entry.data as EntryData[T]);

const WRITES_ONCE = { risk: 'write', class: 'C' } as const;
const QUICK = { WORKER_BEAT_MS: '100', WORKER_GONE_MS: '1000', AGENT_MAX_RETRIES: '0' };

describe('a run whose store or provider fails', () => {
  const world = new EngineWorld();

  beforeAll(() => world.begin());
  afterAll(() => world.dispose());

  const allowing = (tool: Tool): Promise<string> =>
    world.agent({ tools: [tool.manifest.id], policies: [{ tool: tool.manifest.id, policy: 'allow' }] });
  const calls = { calls: [{ tool: 'test.tool', args: {} }] };
  const started = (worker: string): NewEntry => ({ type: 'run.started', data: { worker, agentVersion: 1 } });

  /** A session on a store of which one method is another one. */
  async function sessionWith(id: string, claim: RunStore['claim']): Promise<RunSession> {
    const run = await world.read(id);
    const store = { claim, tail: world.store.tail.bind(world.store) } as RunStore;
    const isOurs = (): boolean => true;
    return new RunSession(run, {
      store,
      contents: {} as Contents,
      now: Date.now,
      isOurs,
      onCommitted: () => undefined,
    });
  }

  it('is claimed when its claim lands later than somebody has looked for it', async () => {
    const id = await world.run(await world.agent());
    let late: Parameters<RunStore['claim']> | undefined;
    const session = await sessionWith(id, async (...claim) => {
      // The first one is on its way for so long that nobody waits for it, and arrives just before the second one.
      if (!late) {
        late = claim;
        throw new DatabaseUnavailableError(true);
      }
      expect(await world.store.claim(...late)).toBe(true);
      return world.store.claim(...claim);
    });
    expect(await session.claim('w-me', [started('w-me')], null)).toBe(true);
    expect(await world.read(id)).toMatchObject({ owner: 'w-me', epoch: 1, seq: session.state.seq });
  });

  it('is not taken for claimed when another worker has claimed it and let it go meanwhile', async () => {
    const id = await world.run(await world.agent());
    const session = await sessionWith(id, async (place, from, append) => {
      const other = append.entries.map((entry) => ({ ...entry, data: { worker: 'w-other', agentVersion: 1 } }));
      await world.store.claim(place, from, { ...append, entries: other as never });
      throw new DatabaseUnavailableError(true);
    });
    expect(await session.claim('w-me', [started('w-me')], { wake: 'now' })).toBe(false);
  });

  it('is taken up by its own worker when that has nobody to work on it', async () => {
    const one = await world.worker({ model: new ScriptedLlm([{ text: 'Found.' }]) });
    const id = await world.run(await world.agent());
    const session = await sessionWith(id, world.store.claim.bind(world.store));
    expect(await session.claim(one.engine.lease.id, [started(one.engine.lease.id)], null)).toBe(true);
    await one.reconcile();
    const run = await world.until(id, 'succeeded');
    expect(dataOf(run, 'run.resumed')).toMatchObject([{ cause: 'takeover', from: one.engine.lease.id }]);
  });

  it('is given up when it cannot even be begun, because of a mistake of ours', async () => {
    const one = await world.worker({ model: new ScriptedLlm([]) });
    const { parts } = one.engine.runs as unknown as { parts: { agents: object } };
    Object.assign(parts.agents, { of: () => Promise.reject(new TypeError('a mistake')) });
    const id = await world.run(await world.agent());
    await one.hear(id);
    expect((await world.until(id, 'failed', 10_000)).head.code).toBe('run_crash_loop');
  }, 20_000);

  it('keeps what a call brought when its worker was judged gone meanwhile and nobody else was faster', async () => {
    let sent = 0;
    const answer = Promise.withResolvers<void>();
    const tool = toolOf({ timeoutMs: 10_000 }, WRITES_ONCE, {
      async run() {
        sent += 1;
        await answer.promise;
        return { text: 'Written.', label: 'plain' };
      },
    });
    const one = await world.worker({ model: new ScriptedLlm([calls]), tools: [tool], variables: QUICK });
    const id = await world.run(await allowing(tool));
    const hearing = one.hear(id);
    await eventually(() => expect(sent).toBe(1));
    const before = one.engine.lease.id;
    const workers = (await world.test.db()).collection('workers');
    await workers.updateOne({ _id: before as never }, { $set: { gone: true } });
    await eventually(() => expect(one.engine.lease.id).not.toBe(before));
    answer.resolve();
    await hearing;
    expect(await world.read(id)).toMatchObject({ owner: null, head: { status: 'queued', toolCalls: 1 } });
    const two = await world.worker({ model: new ScriptedLlm([{ text: 'Done.' }]), tools: [tool] });
    await two.hear(id);
    expect((await world.until(id, 'succeeded')).head.crashes).toBe(0);
    expect(sent).toBe(1);
  });

  it('leaves a provider alone for as long as it asks, also when it is only looked at', async () => {
    let looks = 0;
    const tool = toolOf(
      { timeoutMs: 50 },
      { risk: 'write', class: 'B', settleMs: 100 },
      {
        run: () => Promise.reject(new ToolFailure('tool_failed', 'x', { effect: 'ambiguous', isTransient: true })),
        reconcile() {
          looks += 1;
          return Promise.reject(new ToolFailure('tool_failed', 'x', { isTransient: true, retryAfterMs: 30_000 }));
        },
      },
    );
    const one = await world.worker({ model: new ScriptedLlm([calls]), tools: [tool] });
    const id = await world.run(await allowing(tool));
    await one.hear(id);
    const run = await world.until(id, 'waiting');
    expect(run.head.reason).toBe('retry');
    expect(run.wakeAt! - Date.now()).toBeGreaterThan(25_000);
    expect(looks).toBe(1);
  });

  it('waits while the provider is down, costs it nothing, and goes on when it is back', async () => {
    let now = 1_000;
    let isDown = true;
    let asked = 0;
    const model = new ScriptedLlm(() => {
      asked += 1;
      return isDown ? { fail: new ModelUnavailableError() } : { text: 'Back.' };
    });
    const one = await world.worker({ model, variables: QUICK, now: () => now });
    const agent = await world.agent();
    const failing = await Promise.all(Array.from({ length: 5 }, () => world.run(agent)));
    for (const id of failing) await one.hear(id);
    const ids = await Promise.all(Array.from({ length: 5 }, () => world.run(agent)));
    for (const id of ids) await one.hear(id);
    expect(asked).toBe(5);
    const waiting = await Promise.all(ids.map((id) => world.until(id, 'waiting')));
    expect(waiting.map(({ head, owner }) => [head.reason, owner])).toEqual(ids.map(() => ['retry', null]));
    expect(waiting.every(({ wakeAt }) => wakeAt! > Date.now() + 20_000)).toBe(true);
    now += 600_000;
    Object.assign(one.engine.lease, { storeNow: () => Date.now() + 600_000 });
    isDown = false;
    const runs = (await world.test.db()).collection('runs');
    await runs.updateMany({ _id: { $in: ids as never[] } }, { $set: { wakeAt: new Date(0) } });
    for (const id of ids) await one.hear(id);
    for (const id of ids) await world.until(id, 'succeeded');
    expect(asked).toBe(10);
  });

  describe(verifies('FM-12', 'with a model'), () => {
    it('is asked once more for an answer of the wanted form, and fails with the second that is not', async () => {
      const output = { type: 'object', properties: { a: { type: 'number' } }, required: ['a'] } as never;
      const agent = await world.agent({ output });
      const model = new ScriptedLlm([{ text: 'one' }, { text: '{"a":1}' }]);
      const [good, bad] = await Promise.all([world.run(agent), world.run(agent)]);
      await (await world.worker({ model })).hear(good);
      expect(dataOf(await world.until(good, 'succeeded'), 'run.succeeded')).toEqual([{ output: { text: '{"a":1}' } }]);
      expect(model.requests[1]?.messages.at(-1)).toMatchObject({ role: 'user', text: expect.stringMatching(/form/) });
      await (await world.worker({ model: new ScriptedLlm([{ text: 'one' }, { text: '{"a":"b"}' }]) })).hear(bad);
      expect((await world.until(bad, 'failed')).head).toMatchObject({ code: 'output_invalid', modelCalls: 2 });
    });

    it('fails before it asks when what has to be said is longer than the model reads', async () => {
      const model = new ScriptedLlm([]);
      const id = await world.run(await world.agent(), { input: 'word '.repeat(1_500_000) });
      await (await world.worker({ model })).hear(id);
      expect((await world.until(id, 'failed')).head).toMatchObject({ code: 'context_length_exceeded', modelCalls: 0 });
      expect(model.requests).toHaveLength(0);
    });
  });

  it('asks the store two questions in a pass while there is nothing to do', async () => {
    const idle = new EngineWorld();
    await idle.begin();
    const one = await idle.worker({ model: new ScriptedLlm([]) });
    const commands = await idle.test.commands();
    for (const duty of one.engine.duties) await duty.run(new AbortController().signal);
    const asked = commands.map(({ commandName, command }) => `${commandName} ${command[commandName]}`);
    await idle.dispose();
    // Besides beats: whether any run is open, and, once this worker is there for long enough, who is gone.
    expect(asked.filter((name) => name.endsWith(' runs'))).toEqual(['find runs']);
  });
});
