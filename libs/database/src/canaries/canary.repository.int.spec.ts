import { TestDatabase } from '../../test/test-database.js';
import { Migrator } from '../migrations/migrator.js';
import { CanaryRepository } from './canary.repository.js';

describe('the canaries', () => {
  const test = new TestDatabase();
  const canaries = new CanaryRepository(test.database);
  beforeAll(async () => {
    await test.database.connect();
    await new Migrator(test.database).up();
  });
  afterAll(() => test.dispose());

  it('are none before the first came back', async () => expect(await canaries.latest()).toBeNull());

  it('are counted per worker, by the clock of the store', async () => {
    const { storeTime } = await test.database.ping();
    await canaries.beat('a');
    await canaries.beat('b');
    await canaries.beat('a');
    const latest = await canaries.latest();
    expect(latest).toEqual({ workerId: 'a', count: 2, version: expect.any(String), at: expect.any(Date) });
    expect(latest!.at.getTime()).toBeGreaterThanOrEqual(storeTime.getTime());
    expect(await (await test.db()).collection('canaries').countDocuments()).toBe(2);
  });

  it('that come back at once for a worker that is new are one document', async () => {
    await Promise.all(Array.from({ length: 20 }, () => canaries.beat('crowd')));
    expect(await canaries.latest()).toMatchObject({ workerId: 'crowd', count: 20 });
  });

  it('of yesterday go by themselves', async () => {
    const indexes = await (await test.db()).collection('canaries').indexes();
    expect(indexes).toContainEqual(expect.objectContaining({ key: { at: 1 }, expireAfterSeconds: 86_400 }));
  });
});
