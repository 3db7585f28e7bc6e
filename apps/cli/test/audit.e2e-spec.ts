import { newId, type AuditEntry } from '@flowmate/domain';
import { auditEntryId, type AuditEntryDocument } from '@flowmate/database';
import { InstanceUnderTest, KEYS } from './harness/instance.js';

interface Verdict {
  readonly ok: boolean;
  readonly trails: ReadonlyArray<{
    trail: string;
    entries: number;
    problems: ReadonlyArray<{ seq: number; problem: string }>;
  }>;
}

describe('flowmate audit', () => {
  const instance = new InstanceUnderTest();
  let trail: string;
  beforeAll(() => instance.start());
  afterAll(() => instance.store.dispose());
  beforeEach(async () => {
    await (await instance.entries()).deleteMany({});
    await (await instance.store.db()).collection('audit_heads').deleteMany({});
    trail = newId();
    await record(10);
  });
  const record = async (count: number, more: Partial<AuditEntry> = {}): Promise<void> => {
    const actor = { kind: 'user', id: newId() } as const;
    for (let one = 0; one < count; one += 1)
      await instance.audit.record({ trail, action: 'key.created', actor, outcome: 'done', ...more });
  };
  const text = (line: string) => instance.flowmate(`${line} --no-json`);

  it('verifies a trail that is as it was recorded', async () => {
    const { code, out } = await text(`audit verify --trail ${trail}`);
    expect({ code, out }).toEqual({
      code: 0,
      out: `TRAIL                     ENTRIES  VERDICT\n${trail}  10       holds\n`,
    });
    expect(await instance.answer<Verdict>(`audit verify --trail ${trail}`)).toMatchObject({
      ok: true,
      trails: [{ trail, entries: 10 }],
    });
  });

  it('looks with --all also at a trail whose head was taken away, with an end that was cut off', async () => {
    await (await instance.store.db()).collection('audit_heads').deleteOne({ _id: trail as never });
    await (await instance.entries()).deleteMany({ _id: { $in: [auditEntryId(trail, 9), auditEntryId(trail, 10)] } });
    const { code, out } = await text('audit verify --all');
    expect(code).toBe(1);
    expect(out).toContain(`${trail}: the head of the trail is gone\n`);
    expect(out).toMatch(/^instance +0 +holds$/m);
  });

  it('names the entries that were changed, removed and inserted, and a tail that was cut off', async () => {
    const entries = await instance.entries();
    const second = (await entries.findOne({ _id: auditEntryId(trail, 2) }))!;
    await entries.updateOne({ _id: auditEntryId(trail, 3) }, { $set: { outcome: 'failed' } });
    await entries.deleteMany({
      _id: { $in: [auditEntryId(trail, 6), auditEntryId(trail, 9), auditEntryId(trail, 10)] },
    });
    await entries.insertOne({ ...second, _id: `${trail}:forged`, seq: 4.5 });
    const { code, out } = await text(`audit verify --trail ${trail}`);
    expect(code).toBe(1);
    expect(out.split('\n').slice(1, -1)).toEqual([
      `${trail}  8        5 problems`,
      `${trail}: entry 3 is not as it was recorded`,
      `${trail}: entry 4.5 was never recorded`,
      `${trail}: entry 6 is gone`,
      `${trail}: entry 9 is gone`,
      `${trail}: entry 10 is gone`,
    ]);
    const { ok, trails } = await instance.answer<Verdict>(`audit verify --trail ${trail}`, 1);
    expect([ok, trails[0]!.problems.length]).toEqual([false, 5]);
  });

  it('verifies all trails, and the instance when none is named', async () => {
    await (await instance.entries()).deleteOne({ _id: auditEntryId(trail, 1) });
    const all = await instance.answer<Verdict>('audit verify --all', 1);
    expect(all.trails.map((one) => one.trail)).toEqual(expect.arrayContaining(['instance', trail]));
    expect(all.trails.filter(({ problems }) => problems.length > 0)).toMatchObject([
      { trail, problems: [{ seq: 1, problem: 'removed' }] },
    ]);
    expect(await instance.answer<Verdict>('audit verify')).toMatchObject({ ok: true, trails: [{ trail: 'instance' }] });
  });

  it('says so when there is no such trail, or no key', async () => {
    for (const action of ['verify', 'export'])
      expect(await instance.flowmate(`audit ${action} --trail ${newId()}`)).toEqual({
        code: 1,
        out: '',
        err: 'There is no such trail.\n',
      });
    const without = await instance.flowmate('audit verify', { NODE_ENV: 'production', INTEGRATION_ENC_KEY: '' });
    expect(without).toMatchObject({ code: 78, err: expect.stringContaining('INTEGRATION_ENC_KEY: is required') });
    const other = await instance.flowmate(`audit verify --trail ${trail} --no-json`, {
      INTEGRATION_ENC_KEY: 'b1d7f3c920a4e856'.repeat(4),
    });
    expect(other).toMatchObject({
      code: 1,
      out: expect.stringContaining('was recorded with another INTEGRATION_ENC_KEY'),
    });
    const changed = {
      INTEGRATION_ENC_KEY: 'b1d7f3c920a4e856'.repeat(4),
      INTEGRATION_ENC_KEY_PREVIOUS: KEYS.INTEGRATION_ENC_KEY,
    };
    expect(await instance.flowmate(`audit verify --trail ${trail}`, changed)).toMatchObject({ code: 0 });
  });

  it('exports a trail, oldest first, an entry a line, with all that proves it', async () => {
    const entries = await instance.entries();
    const day = new Date('2026-01-10T00:00:00Z');
    await entries.updateMany({ trail, seq: { $gt: 4 } } as never, { $set: { at: day } } as never);
    const lines = async (line: string): Promise<AuditEntryDocument[]> => {
      const { code, out } = await instance.flowmate(line);
      expect(code).toBe(0);
      return out
        .split('\n')
        .filter(Boolean)
        .map((one) => JSON.parse(one) as AuditEntryDocument);
    };
    const all = await lines(`audit export --trail ${trail}`);
    expect(all.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(all[1]).toMatchObject({ trail, action: 'key.created', previous: all[0]!.hash, keyId: expect.any(String) });
    const until = await lines(`audit export --trail ${trail} --to 2026-02-01`);
    expect(until.map(({ seq }) => seq)).toEqual([5, 6, 7, 8, 9, 10]);
    expect(await lines(`audit export --trail ${trail} --from 2999-01-01`)).toEqual([]);
    expect(await lines(`audit export --trail ${trail} --from 2026-02-01T00:00:00Z`)).toHaveLength(4);
  });
});
