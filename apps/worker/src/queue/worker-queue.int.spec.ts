import { randomBytes, randomUUID } from 'node:crypto';
import { AppEnv, DatabaseEnv, EncryptionEnv, loadEnv, RedisEnv } from '@flowmate/config';
import { CanaryRepository, Database, Migrator, OutboxRepository } from '@flowmate/database';
import { Outbox, SealedData } from '@flowmate/mail';
import { createLogger, Metrics } from '@flowmate/observability';
import { handle, JobProducer, MAIL_DISPATCH_JOB, RUN_JOB } from '@flowmate/queue';
import { Redis } from '@flowmate/redis';
import { eventually, testStores } from '@flowmate/testing';
import { WORKER_ENV } from '../config/worker.env.js';
import { dispatcherFromEnv } from '../mail/dispatcher-from-env.js';
import { WorkerQueue } from './worker-queue.js';

const INTEGRATION_ENC_KEY = randomBytes(32).toString('hex');
const never = new AbortController().signal;

/** One worker, as `start.ts` makes it, without its port. */
class TestWorker {
  readonly metrics = new Metrics();
  readonly database: Database;
  readonly redis: Redis;
  readonly queue: WorkerQueue;
  readonly outbox: Outbox;
  readonly repository: OutboxRepository;
  /** A test may keep the bell from ringing. */
  isDeaf = false;

  constructor(name: string) {
    const { mongoUri, redisUrl } = testStores();
    const stores = { MONGODB_URI: mongoUri, MONGODB_DATABASE: name, REDIS_URL: redisUrl, REDIS_KEY_PREFIX: name };
    const env = loadEnv(WORKER_ENV, { variables: { NODE_ENV: 'test', INTEGRATION_ENC_KEY, ...stores } });
    const destination = { write: () => undefined };
    const options = { level: 'error', format: 'text', service: 'worker', environment: 'test' } as const;
    const common = { app: env.get(AppEnv), logger: createLogger({ ...options, destination }), metrics: this.metrics };
    this.database = new Database({ ...common, settings: env.get(DatabaseEnv), role: 'worker' });
    this.redis = new Redis({ ...common, settings: env.get(RedisEnv) });
    const { dispatcher } = dispatcherFromEnv({ env, ...common, database: this.database });
    this.repository = new OutboxRepository(this.database);
    const producer = new JobProducer(this.redis, new Metrics());
    const { database, redis } = this;
    const moreHandlers = [handle(RUN_JOB, () => Promise.resolve())];
    this.queue = new WorkerQueue({ ...common, database, redis, producer, mails: dispatcher, moreHandlers });
    this.outbox = new Outbox({
      repository: this.repository,
      sealed: new SealedData(env.get(EncryptionEnv)),
      ring: (outboxId) => {
        if (!this.isDeaf) void producer.add(MAIL_DISPATCH_JOB, { id: `mail-${outboxId}`, payload: { outboxId } });
      },
    });
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

describe('a mail that was put into the outbox', () => {
  let worker: TestWorker;

  beforeEach(async () => {
    worker = new TestWorker(`test_${randomUUID().slice(0, 8)}`);
    await worker.connect();
    await new Migrator(worker.database).up();
    worker.queue.start();
  });
  afterEach(() => worker.stop());

  it.each([
    ['leaves at once when the bell rings', false, 2_000],
    ['leaves by itself when the bell was lost', true, 10_000],
  ])(
    '%s',
    async (_, isDeaf, withinMs) => {
      // The first run of the duty is over: what leaves sooner than the next one left by the bell.
      await eventually(async () => expect(await worker.metrics.text()).toMatch(/duty="mail-dispatch",outcome="ok"/));
      worker.isDeaf = isDeaf;
      await worker.outbox.put('sign-in', 'a@x.io', { url: 'http://127.0.0.1/sign-in#token=x', minutes: 10 });
      await eventually(async () => {
        expect(await worker.repository.latest(1)).toMatchObject([{ status: 'sent', attempts: 1 }]);
      }, withinMs);
    },
    20_000,
  );
});
