import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { FlowProducer, UnrecoverableError, type Job } from 'bullmq';
import { eventually } from '@flowmate/testing';
import type { Contract } from './scene.ts';

export const BULLMQ: Contract = {
  'processes a job and keeps its result': async (scene) => {
    const queue = scene.queue();
    const events = scene.events(queue);
    await events.waitUntilReady();
    scene.worker(queue, async (job) => job.data.value * 2);
    const job = await queue.add('double', { value: 21 });
    expect(await job.waitUntilFinished(events, 5_000)).toBe(42);
  },

  'retries with backoff until it succeeds': async (scene) => {
    const queue = scene.queue();
    const starts: number[] = [];
    scene.worker(queue, async () => {
      starts.push(Date.now());
      if (starts.length < 3) throw new Error('not yet');
    });
    const job = await queue.add('retry', {}, { attempts: 3, backoff: { type: 'fixed', delay: 100 } });
    await eventually(async () => expect(await job.getState()).toBe('completed'));
    expect(starts).toHaveLength(3);
    expect(Number(starts[2]) - Number(starts[1])).toBeGreaterThanOrEqual(90);
  },

  'fails for good when told that it is unrecoverable': async (scene) => {
    const queue = scene.queue();
    scene.worker(queue, async () => {
      throw new UnrecoverableError('never');
    });
    const job = await queue.add('fail', {}, { attempts: 5 });
    await eventually(async () => expect(await job.getState()).toBe('failed'));
    expect((await queue.getJob(String(job.id)))?.attemptsMade).toBe(1);
  },

  'starts a delayed job when it is due': async (scene) => {
    const queue = scene.queue();
    let ranAt = 0;
    scene.worker(queue, async () => void (ranAt = Date.now()));
    const job = await queue.add('later', {}, { delay: 300 });
    await eventually(() => expect(ranAt).toBeGreaterThan(0));
    expect(ranAt - job.timestamp).toBeGreaterThanOrEqual(290);
    expect(ranAt - job.timestamp).toBeLessThan(1_500);
  },

  'runs a scheduler every so often': async (scene) => {
    const queue = scene.queue();
    let runs = 0;
    scene.worker(queue, async () => void (runs += 1));
    await queue.upsertJobScheduler('often', { every: 150 });
    await eventually(() => expect(runs).toBeGreaterThanOrEqual(3));
    expect(await queue.removeJobScheduler('often')).toBe(true);
  },

  'runs a scheduler by its cron pattern': async (scene) => {
    const queue = scene.queue();
    const runs: string[] = [];
    scene.worker(queue, async (job) => void runs.push(job.name));
    await queue.upsertJobScheduler('clock', { pattern: '* * * * * *' }, { name: 'tick' });
    await eventually(() => expect(runs).toContain('tick'));
    await queue.removeJobScheduler('clock');
  },

  'runs a parent after its children': async (scene) => {
    const queue = scene.queue();
    const order: string[] = [];
    scene.worker(queue, async (job: Job) => {
      order.push(job.name);
      return job.name === 'parent' ? Object.values(await job.getChildrenValues()).sort() : job.name;
    });
    const flows = new FlowProducer({ connection: scene.connection });
    const queueName = queue.name;
    const children = ['one', 'two'].map((name) => ({ name, queueName, data: {} }));
    const flow = await flows.add({ name: 'parent', queueName, children });
    await eventually(async () => expect(await flow.job.getState()).toBe('completed'));
    await flows.close();
    expect(order.at(-1)).toBe('parent');
    expect((await queue.getJob(String(flow.job.id)))?.returnvalue).toEqual(['one', 'two']);
  },

  'takes urgent jobs first': async (scene) => {
    const queue = scene.queue();
    for (const priority of [30, 10, 20]) await queue.add('p', {}, { priority });
    const order: number[] = [];
    scene.worker(queue, async (job) => void order.push(Number(job.opts.priority)));
    await eventually(() => expect(order).toEqual([10, 20, 30]));
  },

  'drops a second job of the same deduplication id': async (scene) => {
    const queue = scene.queue();
    const first = await queue.add('once', {}, { deduplication: { id: 'same' } });
    const second = await queue.add('once', {}, { deduplication: { id: 'same' } });
    expect(second.id).toBe(first.id);
    expect(await queue.getWaitingCount()).toBe(1);
  },

  'keeps one job per job id': async (scene) => {
    const queue = scene.queue();
    await Promise.all(Array.from({ length: 5 }, () => queue.add('bell', {}, { jobId: 'run-1' })));
    expect(await queue.getWaitingCount()).toBe(1);
  },

  'holds the rate that a limiter allows': async (scene) => {
    const queue = scene.queue();
    await queue.addBulk(Array.from({ length: 4 }, () => ({ name: 'slow', data: {} })));
    const starts: number[] = [];
    scene.worker(queue, async () => void starts.push(Date.now()), { limiter: { max: 1, duration: 150 } });
    await eventually(() => expect(starts).toHaveLength(4));
    expect(Number(starts[3]) - Number(starts[0])).toBeGreaterThanOrEqual(400);
  },

  'takes nothing while paused': async (scene) => {
    const queue = scene.queue();
    const done: string[] = [];
    const worker = scene.worker(queue, async (job) => void done.push(job.name));
    await worker.waitUntilReady();
    await queue.pause();
    await queue.add('held', {});
    await queue.add('held too', {});
    expect(await queue.getWaitingCount()).toBe(2);
    expect(done).toEqual([]);
    await queue.resume();
    await eventually(() => expect(done).toEqual(['held', 'held too']));
  },

  'gives the job of a killed worker to another one': async (scene) => {
    const queue = scene.queue();
    const job = await queue.add('survivor', {});
    const file = join(__dirname, 'stalling-worker.ts');
    const dying = spawn(process.execPath, [file, queue.name], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, REDIS_URL: scene.url },
    });
    try {
      await once(dying.stdout, 'data'); // it has the job
    } finally {
      dying.kill('SIGKILL');
    }
    let takenBy = '';
    scene.worker(queue, async () => void (takenBy = 'other'), { stalledInterval: 200 });
    await eventually(() => expect(takenBy).toBe('other'), 10_000);
    await eventually(async () => expect(await job.getState()).toBe('completed'));
  },

  'tells listeners of progress, logs and the end': async (scene) => {
    const queue = scene.queue();
    const events = scene.events(queue);
    await events.waitUntilReady();
    const seen: unknown[] = [];
    events.on('progress', ({ data }) => seen.push(data));
    events.on('completed', ({ returnvalue }) => seen.push(returnvalue));
    scene.worker(queue, async (job) => {
      await job.updateProgress(50);
      await job.log('half');
      return 'end';
    });
    const job = await queue.add('talk', {});
    await eventually(() => expect(seen).toEqual([50, 'end']));
    expect((await queue.getJobLogs(String(job.id))).logs).toEqual(['half']);
  },

  'forgets a queue completely': async (scene) => {
    const queue = scene.queue();
    await queue.addBulk(Array.from({ length: 50 }, (_, index) => ({ name: `${index}`, data: {} })));
    await queue.obliterate();
    expect(await scene.redis().keys(`bull:${queue.name}:*`)).toEqual([]);
  },
};
