import { randomUUID } from 'node:crypto';
import { newId } from '@flowmate/domain';
import { eventually, testStores } from '@flowmate/testing';
import { TestRedis } from '../../redis/test/test-redis.js';
import { workspaceChannel } from './bells.js';
import { Channels } from './channels.js';
import { RunBells, type RunListener } from './run-bells.js';
import { RunPublisher } from './run-publisher.js';
import { WorkerEars } from './worker-ears.js';

class Heard implements RunListener {
  readonly all: unknown[] = [];
  missedCount = 0;
  head(bell: unknown): void {
    this.all.push(bell);
  }
  text(bell: unknown): void {
    this.all.push(bell);
  }
  missed(): void {
    this.missedCount += 1;
  }
}

describe('bells of runs', () => {
  const test = new TestRedis(testStores().redisUrl);
  const channels = new Channels(test.redis);
  const bells = new RunBells(channels);
  const publisher = new RunPublisher(test.redis);
  beforeAll(() => test.redis.connect());
  afterAll(async () => {
    channels.close();
    await test.redis.close();
  });

  const place = () => ({ workspaceId: newId(), runId: newId() });
  const listeners = async (workspaceId: string): Promise<number> => {
    const [, count] = (await test.redis.send('PUBSUB', ['NUMSUB', workspaceChannel(test.redis, workspaceId)])) as [
      string,
      number,
    ];
    return count;
  };

  it('reach whoever watches the run, and nobody else', async () => {
    const { workspaceId, runId } = place();
    const [mine, alsoMine, ofOtherRun, ofOtherWorkspace] = [new Heard(), new Heard(), new Heard(), new Heard()];
    const watching = [
      bells.watch(workspaceId, runId, mine),
      bells.watch(workspaceId, runId, alsoMine),
      bells.watch(workspaceId, newId(), ofOtherRun),
      bells.watch(newId(), runId, ofOtherWorkspace),
    ];
    await Promise.all(watching.map(({ ready }) => ready));
    const said = [
      { runId, seq: 3, status: 'running' as const },
      { runId, epoch: 1, step: 2, text: 'a\nb\u2028' },
    ];
    publisher.head(workspaceId, said[0] as Parameters<RunPublisher['head']>[1]);
    publisher.text(workspaceId, said[1] as Parameters<RunPublisher['text']>[1]);
    await eventually(() => expect(alsoMine.all).toHaveLength(2));
    expect(mine.all).toEqual(said);
    expect([ofOtherRun.all, ofOtherWorkspace.all]).toEqual([[], []]);
    for (const { stop } of watching) stop();
  });

  it('tell of a run that goes on how far it got, and of its end at once', async () => {
    const { workspaceId, runId } = place();
    const heard = new Heard();
    const { ready, stop } = bells.watch(workspaceId, runId, heard);
    await ready;
    for (const seq of [2, 3, 4]) publisher.head(workspaceId, { runId, seq, status: 'running' });
    await eventually(() => expect(heard.all).toEqual([{ runId, seq: 4, status: 'running' }]));
    publisher.head(workspaceId, { runId, seq: 5, status: 'running' });
    publisher.head(workspaceId, { runId, seq: 6, status: 'succeeded' });
    await eventually(() => expect(heard.all.at(-1)).toMatchObject({ seq: 6 }));
    expect(heard.all).toHaveLength(2);
    stop();
  });

  it('are heard by one subscription for all who watch runs of a workspace, and by nobody who stopped', async () => {
    const { workspaceId, runId } = place();
    const [stays, goes] = [new Heard(), new Heard()];
    const first = bells.watch(workspaceId, runId, goes);
    const second = bells.watch(workspaceId, newId(), new Heard());
    const third = bells.watch(workspaceId, runId, stays);
    await first.ready;
    expect(await listeners(workspaceId)).toBe(1);
    first.stop();
    first.stop();
    second.stop();
    publisher.head(workspaceId, { runId, seq: 1, status: 'queued' });
    await eventually(() => expect(stays.all).toHaveLength(1));
    expect(goes.all).toEqual([]);
    third.stop();
  });

  it('are none when they are made up', async () => {
    const { workspaceId, runId } = place();
    const heard = new Heard();
    const { ready, stop } = bells.watch(workspaceId, runId, heard);
    await ready;
    const channel = workspaceChannel(test.redis, workspaceId);
    for (const text of [runId, `${runId}h`, `${runId}h{`, `${runId}hnull`, `${runId}x{}`, '', 'x'.repeat(1_000)])
      await test.redis.send('PUBLISH', [channel, text]);
    publisher.head(workspaceId, { runId, seq: 1, status: 'queued' });
    await eventually(() => expect(heard.all).toHaveLength(1));
    stop();
  });

  it('tell a worker of its own runs only', async () => {
    const ears = new WorkerEars(channels);
    const [worker, heard] = [randomUUID(), [] as string[]];
    const stop = ears.listen(worker, (runId) => heard.push(runId));
    const runId = newId();
    await eventually(() => {
      publisher.tellWorker(randomUUID(), { runId: newId() });
      publisher.tellWorker(worker, { runId });
      expect(heard).toContain(runId);
    });
    expect(new Set(heard)).toEqual(new Set([runId]));
    stop();
  });

  it('are taken up again after the connection was cut, and whoever watches is told to look', async () => {
    const { workspaceId, runId } = place();
    const heard = new Heard();
    const { ready, stop } = bells.watch(workspaceId, runId, heard);
    await ready;
    await test.redis.send('CLIENT', ['KILL', 'TYPE', 'pubsub']);
    await eventually(() => expect(heard.missedCount).toBe(1));
    await eventually(() => {
      publisher.head(workspaceId, { runId, seq: 2, status: 'running' });
      expect(heard.all.length).toBeGreaterThan(0);
    });
    stop();
  });
});

describe('bells without Redis', () => {
  it('are no bells, and nobody waits for them or fails', async () => {
    const test = new TestRedis('redis://127.0.0.1:1');
    const channels = new Channels(test.redis);
    const bells = new RunBells(channels);
    const started = performance.now();
    const { ready, stop } = bells.watch(newId(), newId(), new Heard());
    await ready;
    expect(performance.now() - started).toBeLessThan(2_000);
    new RunPublisher(test.redis).head(newId(), { runId: newId(), seq: 1, status: 'queued' });
    stop();
    channels.close();
    await test.redis.close();
  });
});
