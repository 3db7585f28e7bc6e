import { randomUUID } from 'node:crypto';
import { newId } from '@flowmate/domain';
import { TestDatabase } from '../../test/test-database.js';
import { Migrator } from '../migrations/migrator.js';
import { IDEMPOTENCY_KEPT_MS, IdempotencyKeyRepository } from './idempotency-key.repository.js';

describe('requests by the keys of their callers', () => {
  const test = new TestDatabase();
  const keys = new IdempotencyKeyRepository(test.database);
  const owner = { workspaceId: newId() };
  beforeAll(async () => {
    await test.database.connect();
    await new Migrator(test.database).up();
  });
  afterAll(() => test.dispose());

  const request = () => ({ key: randomUUID(), body: 'b' });
  const AT = new Date('2026-01-24T10:00:00Z');
  const later = (ms: number) => new Date(AT.getTime() + ms);

  it('are begun by one of many', async () => {
    const one = request();
    const all = await Promise.all(Array.from({ length: 20 }, () => keys.begin(owner, one, AT)));
    expect(all.filter(({ state }) => state === 'begun')).toHaveLength(1);
    expect(all.filter(({ state }) => state === 'running')).toHaveLength(19);
  });

  it('are answered as they were when they are done, and not when they ask for something else', async () => {
    const one = request();
    await keys.begin(owner, one, AT);
    await keys.finish(owner, one.key, AT, 'sealed');
    expect(await keys.begin(owner, one, later(1))).toEqual({ state: 'done', answer: 'sealed' });
    expect(await keys.begin(owner, { ...one, body: 'other' }, later(1))).toEqual({ state: 'reused' });
    await keys.release(owner, one.key, AT);
    expect(await keys.begin(owner, one, later(1))).toMatchObject({ state: 'done' });
  });

  it('may be sent again when they came to nothing', async () => {
    const one = request();
    await keys.begin(owner, one, AT);
    await keys.release(owner, one.key, AT);
    expect(await keys.begin(owner, { ...one, body: 'mended' }, later(1))).toMatchObject({ state: 'begun' });
  });

  it('of a process that died are taken over by one, a minute later, and its late answer is not kept', async () => {
    const one = request();
    await keys.begin(owner, one, AT);
    expect(await keys.begin(owner, one, later(59_000))).toEqual({ state: 'running' });
    const all = await Promise.all(Array.from({ length: 10 }, () => keys.begin(owner, one, later(61_000))));
    expect(all.filter(({ state }) => state === 'begun')).toHaveLength(1);
    await keys.finish(owner, one.key, AT, 'late');
    expect(await keys.begin(owner, one, later(61_001))).toEqual({ state: 'running' });
  });

  it('are forgotten after a day', async () => {
    const one = request();
    await keys.begin(owner, one, AT);
    await keys.finish(owner, one.key, AT, 'sealed');
    expect(await keys.begin(owner, one, later(IDEMPOTENCY_KEPT_MS - 1))).toMatchObject({ state: 'done' });
    expect(await keys.begin(owner, one, later(IDEMPOTENCY_KEPT_MS))).toMatchObject({ state: 'begun' });
  });
});
