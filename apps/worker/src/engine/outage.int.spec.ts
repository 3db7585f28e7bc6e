import { fold, headOf, type Run } from '@flowmate/domain';
import { ModelUnavailableError, ScriptedLlm } from '@flowmate/llm';
import { EngineWorld, type WorkerUnderTest } from '../../test/harness/engine-under-test.js';

const HOUR_MS = 3_600_000;

describe('a provider that is down for long', () => {
  const world = new EngineWorld();
  let isDown = true;
  let aheadMs = 0;

  beforeAll(() => world.begin());
  afterAll(() => world.dispose());

  const model = (): ScriptedLlm =>
    new ScriptedLlm(() => (isDown ? { fail: new ModelUnavailableError() } : { text: 'Back.' }));
  const storeNow = (): number => Date.now() + aheadMs;

  async function workerInTime(): Promise<WorkerUnderTest> {
    const variables = { AGENT_MAX_RETRIES: '0' };
    const worker = await world.worker({ model: model(), variables, now: () => performance.now() + aheadMs });
    Object.assign(worker.engine.lease, { storeNow });
    isDown = true;
    // One run may fail by itself; from the fifth failure on it is the provider.
    const agent = await world.agent();
    for (let at = 0; at < 4; at += 1) await worker.hear(await world.run(agent));
    return worker;
  }

  /** Hears its bell whenever it is due, as the reconciler would ring it. */
  async function waits(worker: WorkerUnderTest, id: string, ms: number): Promise<{ run: Run; looks: number }> {
    const end = aheadMs + ms;
    let looks = 0;
    for (;;) {
      const run = await world.read(id);
      if (run.wakeAt === null || aheadMs + run.wakeAt - storeNow() > end) return { run, looks };
      aheadMs += Math.max(0, run.wakeAt - storeNow()) + 10;
      await worker.hear(id);
      looks += 1;
    }
  }

  it('is asked less and less often by a run that waits, whose journal does not grow while nobody asks', async () => {
    const worker = await workerInTime();
    const id = await world.run(await world.agent());
    await worker.hear(id);
    const first = await world.until(id, 'waiting');
    expect(first.head).toMatchObject({ reason: 'retry', modelCalls: 1, retries: 0 });

    const { run, looks } = await waits(worker, id, 6 * HOUR_MS);
    expect(run.head).toMatchObject({ status: 'waiting', reason: 'retry', retries: 0 });
    // 30 s, 1, 2, 4, 8 minutes, and then one try in a quarter of an hour, each of three lines.
    expect(run.head.modelCalls).toBeGreaterThan(20);
    expect(run.head.modelCalls).toBeLessThanOrEqual(30);
    expect(run.journal.length).toBeLessThan(3 * run.head.modelCalls + 4);
    expect(looks).toBeGreaterThan(150);
    // Whatever it waits for, it is looked at every two minutes: others may have found the provider back.
    expect(run.wakeAt! - storeNow()).toBeLessThanOrEqual(120_000);

    isDown = false;
    await worker.hear(await world.run(await world.agent()));
    aheadMs += 15 * 60_000;
    const other = await world.run(await world.agent());
    await worker.hear(other);
    await world.until(other, 'succeeded');
    const lines = (await world.read(id)).journal.length;
    await worker.hear(id);
    expect((await world.until(id, 'succeeded')).journal.length).toBe(lines + 4);
  }, 60_000);

  it('costs runs that wait together one try at a time, and the others nothing', async () => {
    const worker = await workerInTime();
    const agent = await world.agent();
    const ids = await Promise.all(Array.from({ length: 8 }, () => world.run(agent)));
    await Promise.all(ids.map((id) => worker.hear(id)));
    const read = (): Promise<Run[]> => Promise.all(ids.map((id) => world.until(id, 'waiting')));
    const lines = (runs: readonly Run[]): number => runs.reduce((sum, { seq }) => sum + seq, 0);
    const before = lines(await read());
    aheadMs += 31_000;
    await Promise.all(ids.map((id) => worker.hear(id)));
    const after = await read();
    expect(lines(after) - before).toBe(3);
    expect(after.filter(({ wakeAt }) => wakeAt! - storeNow() >= 14_000)).toHaveLength(ids.length);
  });

  it('ends a run that must end by a time, at that time', async () => {
    const worker = await workerInTime();
    const deadlineAt = storeNow() + 100_000;
    const id = await world.run(await world.agent(), { deadlineAt });
    await worker.hear(id);
    await world.until(id, 'waiting');
    const { run } = await waits(worker, id, 110_000);
    expect(run.head).toMatchObject({ status: 'failed', code: 'run_deadline' });
    expect(run.head.startedAt).not.toBeNull();
    expect(storeNow()).toBeLessThan(deadlineAt + 1_000);
  });

  it('is given up after a week', async () => {
    const worker = await workerInTime();
    const id = await world.run(await world.agent());
    await worker.hear(id);
    await world.until(id, 'waiting');
    const { run } = await waits(worker, id, HOUR_MS);
    expect(headOf(fold(run.journal)).status).toBe('waiting');
    aheadMs += 7 * 24 * HOUR_MS;
    // Somebody else asks and finds it down still.
    for (let at = 0; at < 5; at += 1) await worker.hear(await world.run(await world.agent()));
    await worker.hear(id);
    expect((await world.until(id, 'failed')).head.code).toBe('llm_unavailable');
  });
});
