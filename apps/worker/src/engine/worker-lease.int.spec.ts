import { WorkerRepository } from '@flowmate/database';
import { createLogger } from '@flowmate/observability';
import { eventually } from '@flowmate/testing';
import { TestDatabase } from '../../../../libs/database/test/test-database.js';
import { WorkerLease } from './worker-lease.js';

const TIMINGS = { beatMs: 100, goneMs: 1_000 };

describe('the lease of a worker', () => {
  const test = new TestDatabase({}, 'worker');
  const leases: WorkerLease[] = [];

  const started = (): WorkerLease => {
    const logger = createLogger({ level: 'error', format: 'text', service: 'test', environment: 'test' });
    const workers = new WorkerRepository(test.database);
    const lease = new WorkerLease({ workers, timings: TIMINGS, logger, onPause: () => undefined });
    leases.push(lease);
    lease.start();
    return lease;
  };

  beforeAll(() => test.database.connect());
  afterEach(async () => {
    await Promise.all(leases.splice(0).map((lease) => lease.stop()));
    const all = (await test.db()).collection('workers');
    await all.deleteMany({});
  });
  afterAll(() => test.dispose());

  it('lets nobody judge who is silent before somebody was heard for as long', async () => {
    const lease = started();
    await eventually(() => expect(lease.isGood).toBe(true));
    expect(lease.heardForMs).toBeLessThan(TIMINGS.goneMs);
    await eventually(() => expect(lease.heardForMs).toBeGreaterThan(TIMINGS.goneMs));
  });

  it('counts what others were heard before it started, so that kills in a row keep nobody from judging', async () => {
    const first = started();
    await eventually(() => expect(first.heardForMs).toBeGreaterThan(TIMINGS.goneMs));
    await first.stop();
    const second = started();
    await eventually(() => expect(second.isGood).toBe(true));
    expect(second.heardForMs).toBeGreaterThan(TIMINGS.goneMs);
  });

  it('counts nothing from before a silence of all', async () => {
    const longAgo = new Date(Date.now() - 60_000);
    const all = (await test.db()).collection<{ _id: string }>('workers');
    const silent = { _id: 'w-old', at: new Date(Date.now() - TIMINGS.goneMs), heardSince: longAgo, gone: false };
    await all.insertOne(silent);
    const lease = started();
    await eventually(() => expect(lease.isGood).toBe(true));
    expect(lease.heardForMs).toBeLessThan(TIMINGS.goneMs);
  });
});
