import { newId } from '@flowmate/domain';
import { verifies } from '@flowmate/testing';
import { anEntry, AUDIT_SECRET, AuditUnderTest } from '../test/audit-under-test.js';
import { AuditChain } from './audit-chain.js';
import { AuditVerifier, type AuditVerdict } from './audit-verifier.js';

describe(verifies('K07', 'verifying a trail'), () => {
  const test = new AuditUnderTest();
  let trail: string;
  const id = (seq: number): string => `${trail}:${String(seq).padStart(12, '0')}`;
  const verdict = (): Promise<AuditVerdict> => test.verifier.verify(trail);
  beforeAll(() => test.start());
  afterAll(() => test.store.dispose());
  beforeEach(async () => {
    trail = newId();
    await test.record(9, { trail });
  });

  it('finds nothing in one that is as it was recorded, nor in one that is empty', async () => {
    expect(await verdict()).toEqual({ trail, entries: 9, ok: true, problems: [], problemCount: 0 });
    expect(await test.verifier.verify(newId())).toMatchObject({ entries: 0, ok: true });
  });

  it.each<[string, object]>([
    ['what was done', { $set: { action: 'auth.signed_out' } }],
    ['who did it', { $set: { 'actor.id': '66f000000000000000000009' } }],
    ['on what', { $set: { 'target.id': 'x' } }],
    ['from where', { $set: { 'from.address': '192.0.2.9' } }],
    ['what came of it', { $set: { outcome: 'failed' } }],
    ['when', { $set: { at: new Date(0) } }],
    ['a detail', { $set: { 'details.count': 2 } }],
    ['a detail that was not there', { $set: { 'details.extra': true } }],
    ['a field that was not there', { $set: { note: 'x' } }],
    ['a field that is gone', { $unset: { from: '' } }],
    ['the request', { $set: { correlationId: 'x' } }],
    ['the hash', { $set: { hash: 'x'.repeat(43) } }],
    ['the link', { $set: { previous: 'x'.repeat(43) } }],
    ['a text for a number', { $set: { 'details.count': '1' } }],
  ])('names the entry of which somebody changed %s', async (_what, change) => {
    await (await test.entries()).updateOne({ _id: id(5) }, change);
    expect(await verdict()).toMatchObject({ ok: false, problemCount: 1, problems: [{ seq: 5, problem: 'changed' }] });
  });

  it('names the entries that somebody removed', async () => {
    await (await test.entries()).deleteMany({ _id: { $in: [id(1), id(4), id(5)] } });
    expect((await verdict()).problems).toEqual([1, 4, 5].map((seq) => ({ seq, problem: 'removed' })));
  });

  it('names the entries of a tail that was cut off', async () => {
    await (await test.entries()).deleteMany({ trail, seq: { $gt: 7 } });
    expect((await verdict()).problems).toEqual([8, 9].map((seq) => ({ seq, problem: 'removed' })));
  });

  it('names an entry that somebody inserted, at the end, in between or in the place of another trail', async () => {
    const entries = await test.entries();
    const last = (await entries.findOne({ _id: id(9) }))!;
    await entries.insertOne({ ...last, _id: id(10), seq: 10, previous: last.hash });
    await entries.insertOne({ ...last, _id: `${trail}:x`, seq: 4.5 });
    await entries.insertOne({ ...last, _id: id(0), seq: 0 });
    expect((await verdict()).problems).toEqual([0, 4.5, 10].map((seq) => ({ seq, problem: 'inserted' })));
  });

  it('finds entries whose place is no number, and shows none of them', async () => {
    const entries = await test.entries();
    const last = (await entries.findOne({ _id: id(9) }))!;
    const places = ['999', Number.NaN, Number.NEGATIVE_INFINITY, null, new Date()];
    for (const [index, seq] of places.entries())
      await entries.insertOne({ ...last, _id: `${trail}:${index}`, seq: seq as number });
    const { problems, problemCount } = await verdict();
    expect(problemCount).toBe(places.length);
    expect(problems).toContainEqual({ seq: 0, id: `${trail}:0`, problem: 'inserted' });
    const shown = await test.reader.list({ workspaceId: trail }, { limit: 100 });
    expect(shown.entries.map(({ seq }) => seq)).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1]);
  });

  it('names entries that somebody swapped, and one that came from another trail', async () => {
    const entries = await test.entries();
    const [three, four] = [(await entries.findOne({ _id: id(3) }))!, (await entries.findOne({ _id: id(4) }))!];
    await entries.deleteMany({ _id: { $in: [id(3), id(4), id(6)] } });
    await entries.insertOne({ ...three, _id: id(4), seq: 4 });
    await entries.insertOne({ ...four, _id: id(3), seq: 3 });
    const elsewhere = newId();
    await test.record(6, { trail: elsewhere });
    const foreign = (await entries.findOne({ trail: elsewhere, seq: 6 }))!;
    await entries.insertOne({ ...foreign, _id: id(6), trail });
    expect((await verdict()).problems).toEqual([3, 4, 6].map((seq) => ({ seq, problem: 'changed' })));
  });

  it('finds that an entry was made anew by somebody with the key', async () => {
    const entries = await test.entries();
    const { keyId: _, hash: __, ...fifth } = (await entries.findOne({ _id: id(5) }))!;
    await entries.replaceOne({ _id: id(5) }, test.chain.sign({ ...fifth, outcome: 'failed' }));
    expect((await verdict()).problems).toEqual([{ seq: 6, problem: 'unlinked' }]);
    const { keyId: ___, hash: ____, ...ninth } = (await entries.findOne({ _id: id(9) }))!;
    await entries.replaceOne({ _id: id(9) }, test.chain.sign({ ...ninth, outcome: 'failed' }));
    expect((await verdict()).problems).toContainEqual({ seq: 9, problem: 'changed' });
  });

  it('finds a head that was changed, and one that is gone', async () => {
    const heads = await test.heads();
    const last = (await (await test.entries()).findOne({ _id: id(5) }))!;
    await heads.updateOne({ _id: trail }, { $set: { seq: 5, hash: last.hash } });
    await (await test.entries()).deleteMany({ trail, seq: { $gt: 5 } });
    expect((await verdict()).problems).toEqual([{ seq: 0, problem: 'head_changed' }]);
    await heads.deleteOne({ _id: trail });
    expect((await verdict()).problems).toEqual(expect.arrayContaining([{ seq: 0, problem: 'head_missing' }]));
  });

  it('finds a beginning that was cut off by somebody without the key', async () => {
    const fifth = (await (await test.entries()).findOne({ _id: id(5) }))!;
    await (await test.entries()).deleteMany({ trail, seq: { $lt: 5 } });
    const forged = { firstSeq: 5, cutHash: fifth.previous };
    await (await test.heads()).updateOne({ _id: trail }, { $set: forged });
    expect((await verdict()).problems).toEqual([{ seq: 0, problem: 'head_changed' }]);
  });

  it('takes an entry that a killed process stored before its head knew for what it is: good', async () => {
    const head = (await test.repository.head(trail))!;
    await test.record(2, { trail });
    await (await test.heads()).replaceOne({ _id: trail }, head);
    expect(await verdict()).toMatchObject({ entries: 11, ok: true });
    await test.process().record(anEntry({ trail }));
    expect(await test.repository.head(trail)).toMatchObject({ seq: 12 });
    expect(await verdict()).toMatchObject({ entries: 12, ok: true });
  });

  it('of the newest entries alone finds what is wrong with them', async () => {
    expect(await test.verifier.verifyLast(trail, 3)).toMatchObject({ entries: 3, ok: true });
    expect(await test.verifier.verifyLast(trail, 100)).toMatchObject({ entries: 9, ok: true });
    await (await test.entries()).updateOne({ _id: id(7) }, { $set: { outcome: 'failed' } });
    expect((await test.verifier.verifyLast(trail, 3)).problems).toEqual([{ seq: 7, problem: 'changed' }]);
    await (await test.entries()).deleteOne({ _id: id(9) });
    expect((await test.verifier.verifyLast(trail, 1)).problems).toEqual([{ seq: 9, problem: 'removed' }]);
  });

  it('still verifies what an earlier key made, and says so when that key is missing', async () => {
    const next = 'b1d7'.repeat(16);
    const rotated = new AuditVerifier(test.repository, new AuditChain(next, [AUDIT_SECRET]));
    expect(await rotated.verify(trail)).toMatchObject({ entries: 9, ok: true });
    const without = await new AuditVerifier(test.repository, new AuditChain(next)).verify(trail);
    expect(without).toMatchObject({ ok: false, problems: expect.arrayContaining([{ seq: 5, problem: 'other_key' }]) });
  });

  describe('a long trail', () => {
    it('is verified page by page, and of many problems the first are named', async () => {
      await Promise.all(Array.from({ length: 1_500 }, () => test.log.record(anEntry({ trail }))));
      const commands = await test.store.commands();
      expect(await verdict()).toMatchObject({ entries: 1_509, ok: true });
      expect(commands.filter(({ commandName }) => commandName === 'find')).toHaveLength(1 + 4 + 1);
      await (await test.entries()).deleteMany({ trail, seq: { $gt: 100, $lte: 1_200 } });
      const broken = await verdict();
      expect(broken.problems).toHaveLength(100);
      expect(broken).toMatchObject({ ok: false, problemCount: 1_100 });
    });
  });
});
