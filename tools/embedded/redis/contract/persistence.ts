import { eventually } from '@flowmate/testing';
import type { Contract } from './scene.ts';

/** Restarts the server, so these come after the others. */
export const PERSISTENCE: Contract = {
  'keeps everything over an orderly stop': async (scene) => {
    await scene.redis().set('kept', 'over SIGTERM');
    const waiting = scene.queue('kept-queue');
    await waiting.add('kept', { n: 1 });
    await waiting.add('later', {}, { delay: 60_000 });
    await scene.close();
    await scene.restart();
    expect(await scene.redis().get('kept')).toBe('over SIGTERM');
    const counts = await scene.queue('kept-queue').getJobCounts('waiting', 'delayed');
    expect(counts).toEqual({ waiting: 1, delayed: 1 });
  },

  'keeps what SAVE has written over kill -9': async (scene) => {
    const redis = scene.redis();
    await redis.set('saved', 'yes');
    await redis.save();
    const { pid } = scene.process;
    process.kill(pid, 'SIGKILL');
    await eventually(() => expect(scene.process.pid).not.toBe(pid));
    expect(await redis.get('saved')).toBe('yes');
  },

  'is back within a second after kill -9, on the same port': async (scene) => {
    const redis = scene.redis();
    await redis.ping();
    const { url } = scene;
    process.kill(scene.process.pid, 'SIGKILL');
    await new Promise((resolve) => redis.once('close', resolve));
    const started = performance.now();
    expect(await redis.set('after', 'x')).toBe('OK'); // the client reconnects by itself
    expect(performance.now() - started).toBeLessThan(1_000);
    expect(scene.url).toBe(url);
  },

  'goes on with a queue after kill -9': async (scene) => {
    const queue = scene.queue();
    const done: string[] = [];
    scene.worker(queue, async (job) => void done.push(job.name));
    await queue.add('before', {});
    await eventually(() => expect(done).toContain('before'));
    process.kill(scene.process.pid, 'SIGKILL');
    await queue.add('after', {});
    await eventually(() => expect(done).toContain('after'), 10_000);
  },
};
