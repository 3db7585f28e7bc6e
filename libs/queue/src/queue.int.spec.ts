import { currentContext, runWithContext } from '@flowmate/observability';
import { eventually, testStores } from '@flowmate/testing';
import { DomainError } from '@flowmate/domain';
import { Queue } from 'bullmq';
import { ERRAND, TestQueue } from '../test/test-queue.js';
import { QueueDepths } from './producer/queue-depths.js';

class TooManyError extends DomainError {
  readonly kind = 'limited';
  readonly code = 'too_many';
}

class GoneError extends DomainError {
  readonly kind = 'not-found';
  readonly code = 'gone';
}

describe('a queue', () => {
  let test: TestQueue;

  beforeEach(async () => {
    test = new TestQueue(testStores().redisUrl);
    await test.connect();
  });
  afterEach(() => test.close());

  const outcomes = (): Promise<string[]> => test.samples('flowmate_jobs_total');
  const raw = (): Queue =>
    new Queue(ERRAND.queue, {
      connection: test.redis.borrow(),
      prefix: test.redis.key('queue'),
      skipVersionCheck: true,
    });

  it('has each job done once, and keeps nothing of it', async () => {
    await test.consume();
    for (const id of ['e1', 'e2', 'e3']) await test.ring(id);
    await eventually(() => expect(test.done).toEqual(['e1', 'e2', 'e3']));
    await eventually(async () => {
      expect(await test.producer.count(ERRAND.queue)).toEqual({ waiting: 0, active: 0, delayed: 0 });
    });
    expect(await raw().getJob('e1')).toBeUndefined();
    expect(await outcomes()).toEqual(['flowmate_jobs_total{job="errand",outcome="completed"} 3']);
    expect(await test.samples('flowmate_job_duration_seconds_count')).toEqual([
      'flowmate_job_duration_seconds_count{job="errand"} 3',
    ]);
  });

  it('takes a bell that waits already for the same bell, and one that was answered for a new one', async () => {
    await test.ring('e1');
    await test.ring('e1');
    await test.consume();
    await eventually(() => expect(test.done).toEqual(['e1']));
    await eventually(async () => expect((await test.producer.count(ERRAND.queue)).active).toBe(0));
    await test.ring('e1');
    await eventually(() => expect(test.done).toEqual(['e1', 'e1']));
  });

  it('brings the correlation id of who rang', async () => {
    const seen: unknown[] = [];
    await test.consume(() => Promise.resolve(void seen.push(currentContext()?.correlationId)));
    await runWithContext({ correlationId: 'from-the-request' }, () => test.ring('e1'));
    await eventually(() => expect(seen).toEqual(['from-the-request']));
  });

  it('refuses ids that BullMQ would take for something else', async () => {
    await expect(test.ring('e1', 'a:b')).rejects.toThrow('A job id begins with a letter');
  });

  it('keeps a job that is due later until then', async () => {
    const started = performance.now();
    await test.producer.add(ERRAND, { id: 'late', payload: { errandId: 'late' }, delayMs: 300 });
    expect(await test.producer.count(ERRAND.queue)).toEqual({ waiting: 0, active: 0, delayed: 1 });
    await test.consume();
    await eventually(() => expect(test.done).toEqual(['late']));
    expect(performance.now() - started).toBeGreaterThanOrEqual(300);
  });

  it('shows what waits, runs and is due later', async () => {
    const depths = new QueueDepths(test.producer, [ERRAND.queue], test.metrics);
    await test.ring('e1');
    await depths.read();
    expect(await test.samples('flowmate_queue_jobs')).toEqual([
      'flowmate_queue_jobs{queue="errands",state="waiting"} 1',
      'flowmate_queue_jobs{queue="errands",state="active"} 0',
      'flowmate_queue_jobs{queue="errands",state="delayed"} 0',
    ]);
  });

  it('tries a failure that may pass again, as often as the catalogue says', async () => {
    let tries = 0;
    await test.consume(() => {
      tries += 1;
      return Promise.reject(new TooManyError('Too many.'));
    });
    await test.ring('e1');
    await eventually(async () => {
      expect(await outcomes()).toEqual([
        'flowmate_jobs_total{job="errand",outcome="retried"} 1',
        'flowmate_jobs_total{job="errand",outcome="failed"} 1',
      ]);
    });
    expect(tries).toBe(2);
  });

  it('does not try again what cannot help, and keeps its text out of Redis', async () => {
    let tries = 0;
    await test.consume(() => {
      tries += 1;
      return Promise.reject(new GoneError('It is gone.'));
    });
    await test.ring('e1');
    await eventually(async () => {
      expect(await outcomes()).toEqual(['flowmate_jobs_total{job="errand",outcome="failed"} 1']);
    });
    expect(tries).toBe(1);
    expect(test.told().join()).toContain('the job errand failed');
  });

  it('drops kinds it does not know and payloads that are none, and counts them', async () => {
    await raw().add('unheard-of', { payload: { a: 1 } });
    await raw().add(ERRAND.name, { payload: { errandId: 'x', more: 'y' } });
    await raw().add(ERRAND.name, 'not even an object');
    await test.consume();
    await eventually(async () => {
      expect(await outcomes()).toEqual([
        'flowmate_jobs_total{job="unknown",outcome="unknown"} 1',
        'flowmate_jobs_total{job="errand",outcome="invalid"} 2',
      ]);
    });
    expect(test.done).toEqual([]);
  });

  it('tells a job that its time is over, and gives up one that does not listen', async () => {
    const signals: AbortSignal[] = [];
    const impatient = { ...ERRAND, timeoutMs: 50, attempts: 1 };
    await test.consume((_payload, signal) => {
      signals.push(signal);
      return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('told'))));
    }, impatient);
    await test.ring('e1');
    await eventually(async () => {
      expect(await outcomes()).toEqual(['flowmate_jobs_total{job="errand",outcome="timed_out"} 1']);
    });
    expect(signals[0]?.aborted).toBe(true);
  });

  it('tells a job that its lock is lost, because another consumer may have it', async () => {
    const signals: AbortSignal[] = [];
    await test.consume((_payload, signal) => {
      signals.push(signal);
      if (signals.length > 1) return Promise.resolve();
      return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('put down'))));
    });
    await test.ring('e1');
    await eventually(() => expect(signals).toHaveLength(1));
    await test.redis.send('SET', [test.redis.key('queue', ERRAND.queue, 'e1', 'lock'), 'another']);
    await eventually(async () => {
      expect(await outcomes()).toContain('flowmate_jobs_total{job="errand",outcome="lost"} 1');
    });
    expect(signals[0]?.aborted).toBe(true);
  });

  it('finishes what is under way when it is drained, and takes nothing more', async () => {
    const finish = Promise.withResolvers<void>();
    const consumers = await test.consume(async ({ errandId }) => {
      await finish.promise;
      test.done.push(errandId);
    });
    await test.ring('e1');
    await eventually(async () => expect((await test.producer.count(ERRAND.queue)).active).toBe(1));
    const drained = consumers.drain(5_000);
    await test.ring('e2');
    finish.resolve();
    await drained;
    expect(test.done).toEqual(['e1']);
    expect(await test.producer.count(ERRAND.queue)).toEqual({ waiting: 1, active: 0, delayed: 0 });
  });

  it('leaves to others what it gets after it was told to take nothing more', async () => {
    const leaving = await test.consume();
    await test.ring('e1');
    await eventually(() => expect(test.done).toEqual(['e1']));
    // By now it waits for the next one.
    await leaving.pause();
    for (const id of ['e2', 'e3']) await test.ring(id);
    const others: string[] = [];
    await test.consume(({ errandId }) => Promise.resolve(void others.push(errandId)));
    await eventually(() => expect(others.toSorted()).toEqual(['e2', 'e3']));
    expect(test.done).toEqual(['e1']);
  });

  it('hands back what does not end in time, and another consumer has it at once', async () => {
    const consumers = await test.consume(
      (_payload, signal) =>
        new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('put down')))),
    );
    await test.ring('e1');
    await eventually(async () => expect((await test.producer.count(ERRAND.queue)).active).toBe(1));
    const started = performance.now();
    await consumers.drain(100);
    expect(performance.now() - started).toBeLessThan(2_000);
    await test.consume();
    await eventually(() => expect(test.done).toEqual(['e1']), 1_000);
    expect((await outcomes())[0]).toBe('flowmate_jobs_total{job="errand",outcome="handed_back"} 1');
  });

  it('leaves behind a job that never ends, and another consumer has it after the time of its lock', async () => {
    const consumers = await test.consume(() => new Promise(() => undefined));
    await test.ring('e1');
    await eventually(async () => expect((await test.producer.count(ERRAND.queue)).active).toBe(1));
    const started = performance.now();
    await consumers.drain(100);
    expect(performance.now() - started).toBeLessThan(4_000);
    expect(test.told().join()).toContain('jobs did not end in time count=1');
    await test.consume();
    await eventually(() => expect(test.done).toEqual(['e1']), 6_000);
  }, 15_000);
});
