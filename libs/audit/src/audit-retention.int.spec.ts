import { AuditRepository } from '@flowmate/database';
import { newId } from '@flowmate/domain';
import { anEntry, AuditUnderTest } from '../test/audit-under-test.js';
import { AuditVerifier } from './audit-verifier.js';

const DAY_MS = 86_400_000;

describe('the retention of a trail', () => {
  const test = new AuditUnderTest();
  let trail: string;
  const start = new Date('2026-01-01T00:00:00Z').getTime();
  const day = (count: number): Date => new Date(start + count * DAY_MS);
  beforeAll(() => test.start());
  afterAll(() => test.store.dispose());
  beforeEach(async () => {
    await (await test.entries()).deleteMany({});
    await (await test.heads()).deleteMany({});
    trail = newId();
    let now = 0;
    const log = test.process(() => day((now += 1)));
    for (let count = 0; count < 10; count += 1) await log.record(anEntry({ trail }));
  });
  const seqs = async (): Promise<number[]> =>
    (await (await test.entries()).find({ trail }).sort({ seq: 1 }).toArray()).map(({ seq }) => seq);

  it('removes what is old from its beginning, and the rest still verifies and goes on', async () => {
    expect(await test.retention.removeBefore(day(5))).toContainEqual({ trail, removed: 4 });
    expect(await seqs()).toEqual([5, 6, 7, 8, 9, 10]);
    expect(await test.verifier.verify(trail)).toMatchObject({ entries: 6, ok: true });
    await test.log.record(anEntry({ trail }));
    expect(await test.verifier.verify(trail)).toMatchObject({ entries: 7, ok: true });
    expect(await test.retention.removeBefore(day(5))).toEqual([]);
  });

  it('leaves the newest entry, and what comes after it has the next place', async () => {
    await test.retention.removeBefore(day(1_000));
    expect(await seqs()).toEqual([10]);
    await test.process().record(anEntry({ trail }));
    expect(await seqs()).toEqual([10, 11]);
    expect(await test.verifier.verify(trail)).toMatchObject({ entries: 2, ok: true });
  });

  it('that was killed in the middle verifies, and is finished by the next', async () => {
    const fourth = (await test.repository.at(trail, 4))!;
    await test.repository.moveBeginning(trail, test.chain.beginning(trail, 5, fourth.hash));
    expect(await test.verifier.verify(trail)).toMatchObject({ entries: 10, ok: true });
    await (await test.entries()).deleteMany({ trail, seq: { $lt: 3 } });
    expect(await test.verifier.verify(trail)).toMatchObject({ entries: 8, ok: true });
    await test.retention.removeBefore(day(5));
    expect(await seqs()).toEqual([5, 6, 7, 8, 9, 10]);
  });

  it('that comes while somebody verifies is no problem of the trail', async () => {
    const cut = (): Promise<unknown> => test.retention.removeBefore(day(5));
    class Overtaken extends AuditRepository {
      override async head(name: string) {
        const head = await super.head(name);
        await cut();
        return head;
      }
    }
    const verifier = new AuditVerifier(new Overtaken(test.store.database), test.chain);
    expect(await verifier.verify(trail)).toMatchObject({ entries: 6, ok: true });
  });

  it('does not hide what somebody removed from the new beginning', async () => {
    await test.retention.removeBefore(day(5));
    await (await test.entries()).deleteMany({ trail, seq: { $in: [5, 6] } });
    expect((await test.verifier.verify(trail)).problems).toEqual([5, 6].map((seq) => ({ seq, problem: 'removed' })));
  });

  it('removes nothing where the trail is broken, and says so, but goes on with the others', async () => {
    const other = newId();
    let now = 0;
    const log = test.process(() => day((now += 1)));
    for (let count = 0; count < 5; count += 1) await log.record(anEntry({ trail: other }));
    await (await test.entries()).updateOne({ trail, seq: 4 }, { $set: { outcome: 'failed' } });
    await expect(test.retention.removeBefore(day(5))).rejects.toThrow(`The audit trail ${trail} does not verify at 4`);
    expect(await seqs()).toHaveLength(10);
    expect(await (await test.entries()).countDocuments({ trail: other })).toBe(1);
  });

  it('of two workers at once is the same as of one', async () => {
    await Promise.all([test.retention.removeBefore(day(5)), test.retention.removeBefore(day(7))]);
    expect(await seqs()).toEqual([7, 8, 9, 10]);
    expect(await test.verifier.verify(trail)).toMatchObject({ entries: 4, ok: true });
  });
});
