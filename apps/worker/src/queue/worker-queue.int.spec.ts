import { randomUUID } from 'node:crypto';
import { AppEnv, DatabaseEnv, loadEnv, RedisEnv } from '@flowmate/config';
import { CanaryRepository, Database, Migrator } from '@flowmate/database';
import { createLogger, Metrics } from '@flowmate/observability';
import { Redis } from '@flowmate/redis';
import { eventually, testStores } from '@flowmate/testing';
import { WorkerQueue } from './worker-queue.js';

const never = new AbortController().signal;

/** One worker, as `start.ts` makes it, without its port. */
class TestWorker {
  readonly metrics = new Metrics();
  readonly database: Database;
  readonly redis: Redis;
  readonly queue: WorkerQueue;

  constructor(name: string) {
    const { mongoUri, redisUrl } = testStores();
    const variables = { MONGODB_URI: mongoUri, MONGODB_DATABASE: name, REDIS_URL: redisUrl, REDIS_KEY_PREFIX: name };
    const env = loadEnv([AppEnv, DatabaseEnv, RedisEnv], { variables });
    const destination = { write: () => undefined };
    const options = { level: 'error', format: 'text', service: 'worker', environment: 'test' } as const;
    const common = { app: env.get(AppEnv), logger: createLogger({ ...options, destination }), metrics: this.metrics };
    this.database = new Database({ ...common, settings: env.get(DatabaseEnv), role: 'worker' });
    this.redis = new Redis({ ...common, settings: env.get(RedisEnv) });
    this.queue = new WorkerQueue({ ...common, database: this.database, redis: this.redis });
  }

  async connect(): Promise<void> {
    await Promise.all([this.database.connect(), this.redis.connect()]);
  }

  async stop(): Promise<void> {
    await this.queue.stopDuties();
    await this.queue.drain(1_000);
    await Promise.all([this.database.close(), this.redis.close()]);
  }
}

describe('the canary', () => {
  let name: string;
  let worker: TestWorker;

  beforeEach(async () => {
    name = `test_${randomUUID().slice(0, 8)}`;
    worker = new TestWorker(name);
    await worker.connect();
    await new Migrator(worker.database).up();
  });
  afterEach(() => worker.stop());

  it('goes from a worker through Redis and back into the record, and health tells of it', async () => {
    expect(await worker.queue.health.check(never)).toEqual({});
    worker.queue.start();
    await eventually(async () => {
      expect(await worker.queue.health.check(never)).toEqual({ roundTripMs: expect.any(Number), secondsSinceLast: 0 });
    });
    const latest = await new CanaryRepository(worker.database).latest();
    expect(latest).toMatchObject({ count: 1, workerId: expect.stringMatching(/^worker-/) });
    const text = await worker.metrics.text();
    expect(text).toContain('flowmate_canary_round_trip_seconds_count 1');
    expect(text).toMatch(/^flowmate_canary_age_seconds [0-9.e-]+$/m);
    expect(text).toContain('flowmate_duty_runs_total{duty="canary",outcome="ok"} 1');
    expect(text).toContain('flowmate_jobs_total{job="canary",outcome="completed"} 1');
  });

  it('of each worker comes back when several share the queue, whoever answers', async () => {
    const other = new TestWorker(name);
    await other.connect();
    worker.queue.start();
    other.queue.start();
    for (const { queue } of [worker, other]) {
      await eventually(async () => {
        expect(await queue.health.check(never)).toHaveProperty('roundTripMs');
      });
    }
    await other.stop();
  });

  it('does not come back without Redis, and the duty fails instead of hanging', async () => {
    await worker.redis.close();
    worker.queue.start();
    await eventually(async () => {
      expect(await worker.metrics.text()).toContain('flowmate_duty_runs_total{duty="canary",outcome="failed"} 1');
    });
    expect(await worker.queue.health.check(never)).toEqual({});
  });
});
