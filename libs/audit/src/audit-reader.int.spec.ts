import { INSTANCE_TRAIL, newId } from '@flowmate/domain';
import { anEntry, AuditUnderTest } from '../test/audit-under-test.js';
import type { AuditQuery } from './audit-reader.js';

describe('reading a trail', () => {
  const test = new AuditUnderTest();
  const owner = { workspaceId: newId() };
  const start = new Date('2026-01-01T00:00:00Z').getTime();
  const minute = (count: number): Date => new Date(start + count * 60_000);
  beforeAll(async () => {
    await test.start();
    let now = 0;
    const log = test.process(() => minute((now += 1)));
    for (let count = 1; count <= 12; count += 1) {
      await log.record(
        anEntry({
          trail: owner.workspaceId,
          action: count % 2 === 0 ? 'key.created' : 'key.revoked',
          actor: { kind: 'user', id: count % 3 === 0 ? 'ann' : 'bob' },
          target: { kind: 'key', id: count % 4 === 0 ? 'k1' : 'k2' },
          outcome: count % 5 === 0 ? 'refused' : 'done',
        }),
      );
    }
  });
  afterAll(() => test.store.dispose());
  const seqs = async (query: Partial<AuditQuery>): Promise<number[]> =>
    (await test.reader.list(owner, { limit: 100, ...query })).entries.map(({ seq }) => seq);

  it('gives the newest first, page by page, each entry once', async () => {
    const seen: number[] = [];
    let beforeSeq: number | undefined;
    do {
      const { entries, next } = await test.reader.list(owner, { limit: 5, beforeSeq });
      seen.push(...entries.map(({ seq }) => seq));
      beforeSeq = next;
    } while (beforeSeq !== undefined);
    expect(seen).toEqual([12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
  });

  it.each<[Partial<AuditQuery>, number[]]>([
    [{ action: 'key.created' }, [12, 10, 8, 6, 4, 2]],
    [{ actor: 'ann' }, [12, 9, 6, 3]],
    [{ target: 'k1' }, [12, 8, 4]],
    [{ outcome: 'refused' }, [10, 5]],
    [{ from: minute(11) }, [12, 11]],
    [{ to: minute(3) }, [2, 1]],
    [{ from: minute(4), to: minute(6) }, [5, 4]],
    [{ action: 'key.created', actor: 'ann', target: 'k1' }, [12]],
    [{ actor: 'nobody' }, []],
    [{ actor: 'ann', beforeSeq: 9 }, [6, 3]],
  ])('takes %j', async (query, expected) => expect(await seqs(query)).toEqual(expected));

  it('shows what happened and how it is proven, and nothing of how it is stored', async () => {
    const { entries } = await test.reader.list(owner, { limit: 1 });
    expect(Object.keys(entries[0]!).sort()).toEqual(
      'action actor at details from hash outcome seq target trail'.split(' '),
    );
  });

  it('shows nobody the trail of another workspace, nor that of the instance', async () => {
    expect(await test.reader.list({ workspaceId: newId() }, { limit: 10 })).toEqual({ entries: [] });
    await test.log.record(anEntry());
    const asInstance = test.reader.list({ workspaceId: INSTANCE_TRAIL }, { limit: 10 });
    await expect(asInstance).rejects.toMatchObject({ code: 'resource_not_found' });
    expect((await test.reader.listInstance({ limit: 10 })).entries).toHaveLength(1);
  });
});
