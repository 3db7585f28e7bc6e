import { TestDatabase } from '../../test/test-database.js';
import { Migrator } from '../migrations/migrator.js';
import { OutboxRepository } from './outbox.repository.js';

const ID = '0123456789abcdef01234567';
const NEW = { id: ID, kind: 'sign-in', to: 'a@x.io', sealed: 'v1.sealed' };

describe('the outbox', () => {
  const test = new TestDatabase();
  const outbox = new OutboxRepository(test.database);
  beforeAll(async () => {
    await test.database.connect();
    await new Migrator(test.database).up();
  });
  afterAll(() => test.dispose());
  beforeEach(async () => {
    await (await test.db()).collection('outbox').deleteMany({});
    await outbox.insert(NEW);
  });

  it('holds a mail that is due at once, by the clock of the store', async () => {
    const now = await outbox.now();
    const [mail] = await outbox.latest(1);
    expect(mail).toMatchObject({ ...NEW, status: 'due', attempts: 0, notAfter: null, sentAt: null });
    expect(mail!.dueAt.getTime()).toBeLessThanOrEqual(now.getTime());
    expect(await outbox.due(now, 10)).toEqual([ID]);
  });

  it('gives a mail to one of many, until then', async () => {
    const now = await outbox.now();
    const until = new Date(now.getTime() + 60_000);
    const claims = await Promise.all(['a', 'b', 'c'].map((claim) => outbox.claim({ id: ID, claim }, now, until)));
    expect(claims.filter(Boolean)).toMatchObject([{ attempts: 1, dueAt: until }]);
    expect(await outbox.due(now, 10)).toEqual([]);
    expect(await outbox.claim({ id: ID, claim: 'd' }, until, new Date(until.getTime() + 60_000))).not.toBeNull();
  });

  it('lets only who has it say what became of it', async () => {
    const now = await outbox.now();
    await outbox.claim({ id: ID, claim: 'mine' }, now, now);
    const theirs = { id: ID, claim: 'theirs' };
    expect(await outbox.finish(theirs, { status: 'failed', keepsContent: false })).toBe(false);
    expect(await outbox.retry(theirs, now, 'busy')).toBe(false);
    expect(await outbox.retry({ id: ID, claim: 'mine' }, now, 'busy')).toBe(true);
    expect(
      await outbox.finish({ id: ID, claim: 'mine' }, { status: 'sent', messageId: '<m>', keepsContent: false }),
    ).toBe(true);
    expect(await outbox.latest(1)).toMatchObject([
      { status: 'sent', sealed: null, messageId: '<m>', sentAt: expect.any(Date), lastError: null },
    ]);
    expect(await outbox.finish({ id: ID, claim: 'mine' }, { status: 'failed', keepsContent: true })).toBe(false);
  });

  it('goes by itself after a week', async () => {
    const collection = (await test.db()).collection('outbox');
    expect(await collection.indexes()).toContainEqual(
      expect.objectContaining({ key: { expiresAt: 1 }, expireAfterSeconds: 0 }),
    );
    const stored = await collection.findOne();
    const keptMs = stored!['expiresAt'].getTime() - stored!['createdAt'].getTime();
    expect(Math.abs(keptMs - 7 * 86_400_000)).toBeLessThan(5_000);
    expect(stored).toMatchObject({ schemaVersion: 1 });
  });
});
