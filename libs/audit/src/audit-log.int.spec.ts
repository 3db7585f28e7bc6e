import { newId } from '@flowmate/domain';
import { runWithContext } from '@flowmate/observability';
import { anEntry, AuditUnderTest } from '../test/audit-under-test.js';

const CORRELATION_ID = '0b0f3f0e-4b5c-4c3d-9a53-0d5d7f3a1c11';

describe('the audit log', () => {
  const test = new AuditUnderTest();
  beforeAll(() => test.start());
  afterAll(() => test.store.dispose());
  beforeEach(() => void test.lines.splice(0));

  it('stores what happened, each entry after the one before it, and tells the stream', async () => {
    const trail = newId();
    await runWithContext({ correlationId: CORRELATION_ID }, () => test.log.record(anEntry({ trail })));
    await test.log.record(anEntry({ trail, action: 'auth.signed_out' }));
    const [first, second] = await (await test.entries()).find({ trail }).sort({ seq: 1 }).toArray();
    expect(first).toEqual({
      ...anEntry({ trail }),
      _id: `${trail}:000000000001`,
      schemaVersion: 1,
      seq: 1,
      at: expect.any(Date),
      correlationId: CORRELATION_ID,
      keyId: expect.stringMatching(/^[\w-]{8}$/),
      previous: 'genesis',
      hash: expect.stringMatching(/^[\w-]{43}$/),
    });
    expect(second).toMatchObject({ seq: 2, action: 'auth.signed_out', previous: first!.hash });
    expect(second).not.toHaveProperty('correlationId');
    expect(test.lines).toMatchObject([
      { stored: true, trail, seq: 1, hash: first!.hash, correlationId: CORRELATION_ID },
      { stored: true, trail, seq: 2, hash: second!.hash },
    ]);
    expect(await test.verifier.verify(trail)).toEqual({ trail, entries: 2, ok: true, problems: [], problemCount: 0 });
  });

  it('goes on where another process stopped', async () => {
    const trail = newId();
    const [one, other] = [test.process(), test.process()];
    for (const log of [one, other, one, one, other]) await log.record(anEntry({ trail }));
    expect(await test.verifier.verify(trail)).toMatchObject({ entries: 5, ok: true });
  });

  it('of many processes at once gives each entry a place of its own, and loses and doubles none', async () => {
    const trail = newId();
    const processes = Array.from({ length: 8 }, () => test.process());
    const records = processes.flatMap((log, process) =>
      Array.from({ length: 50 }, (_, count) => log.record(anEntry({ trail, details: { process, count } }))),
    );
    await Promise.all(records);
    const all = await (await test.entries()).find({ trail }).toArray();
    const said = new Set(all.map(({ details }) => `${String(details!['process'])} ${String(details!['count'])}`));
    expect([all.length, said.size]).toEqual([400, 400]);
    expect(await test.verifier.verify(trail)).toMatchObject({ entries: 400, ok: true });
    for (const process of processes.keys()) {
      const counts = all.filter(({ details }) => details!['process'] === process).sort((a, b) => a.seq - b.seq);
      expect(counts.map(({ details }) => details!['count'])).toEqual([...counts.keys()]);
    }
  });

  it('adds what waits together: a burst costs a handful of commands', async () => {
    const trail = newId();
    await test.log.record(anEntry({ trail }));
    const commands = await test.store.commands();
    await Promise.all(Array.from({ length: 500 }, () => test.log.record(anEntry({ trail }))));
    expect(commands.length).toBeLessThan(12);
    expect(await test.verifier.verify(trail)).toMatchObject({ entries: 501, ok: true });
  });

  it('keeps nothing that looks like a secret, wherever it was put', async () => {
    const trail = newId();
    const secrets = [
      'fm_live_4f9d1c7b2a8e6053d94b7f1e8c2a6d05',
      'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJlc2lnbmF0dXJl',
      'Bearer 4f9d1c7b2a8e6053',
      'aX93kd02ZpQ7vB1mN4sT8uY6wE5rC3xL0hJ2gF7dK9o',
    ];
    for (const secret of secrets) {
      await runWithContext({ correlationId: secret.startsWith('fm_') ? secret : CORRELATION_ID }, () =>
        test.log.record({
          trail,
          action: 'access.refused',
          actor: { kind: 'user', id: secret },
          target: { kind: secret, id: `POST /api/v1/keys ${secret}` },
          outcome: 'refused',
          from: { address: secret, userAgent: `curl/8.0 ${secret}\r\nforged: line` },
          details: { text: secret, password: 'hunter2', [secret]: 'name' },
        }),
      );
    }
    const stored = JSON.stringify(await (await test.entries()).find({ trail }).toArray());
    const lines = JSON.stringify(test.lines);
    for (const text of [stored, lines]) {
      for (const secret of [...secrets, 'hunter2']) expect(text).not.toContain(secret.replace('Bearer ', ''));
      expect(text).not.toContain(String.raw`\r`);
      expect(text).toContain('[redacted]');
    }
    expect(await test.verifier.verify(trail)).toMatchObject({ entries: secrets.length, ok: true });
  });

  it('proves entries with whatever text in them', async () => {
    const trail = newId();
    const texts = ['\ud83d', `${'x'.repeat(255)}\u{1f600}`, '\u202e\u0000', '', '{"a":1}', '$where', 'ünï', '-0'];
    for (const text of texts) {
      await test.log.record(anEntry({ trail, details: { text, zero: -0, no: Number.NaN }, from: { userAgent: text } }));
    }
    expect(await test.verifier.verify(trail)).toMatchObject({ entries: texts.length, ok: true });
  });

  it('rejects when the store is gone, after the entry has gone to the stream', async () => {
    const gone = new AuditUnderTest();
    await expect(gone.log.record(anEntry())).rejects.toMatchObject({ code: 'database_unavailable' });
    expect(gone.lines).toEqual([{ stored: false, ...anEntry(), at: expect.any(Date) }]);
    await gone.store.dispose();
  });

  it('gives up when there is no place for an entry, and goes on when there is', async () => {
    const trail = newId();
    await test.log.record(anEntry({ trail }));
    const inTheWay = { _id: `${trail}:000000000002` };
    await (await test.entries()).insertOne(inTheWay as never);
    const lost = test.log.record(anEntry({ trail }));
    await expect(lost).rejects.toMatchObject({ code: 'database_unavailable' });
    await (await test.entries()).deleteOne(inTheWay);
    await test.log.record(anEntry({ trail }));
    expect(await test.verifier.verify(trail)).toMatchObject({ entries: 2, ok: true });
  });

  it('records what repeats itself once an hour, and tells how often it was left out', async () => {
    let now = Date.now();
    const log = test.process(() => new Date(now));
    const trail = newId();
    const used = anEntry({ trail, action: 'key.used', actor: { kind: 'key', id: newId() } });
    for (let time = 0; time < 5; time += 1) await log.recordSometimes(used);
    await log.recordSometimes({ ...used, from: { address: '192.0.2.2' } });
    now += 3_600_000;
    await log.recordSometimes(used);
    const { entries } = await test.reader.list({ workspaceId: trail }, { limit: 10 });
    expect(entries.map(({ seq, from, details }) => [seq, from?.address, details?.['leftOut']])).toEqual([
      [3, '192.0.2.1', 4],
      [2, '192.0.2.2', undefined],
      [1, '192.0.2.1', undefined],
    ]);
  });

  it('does not count as recorded what could not be stored', async () => {
    const late = new AuditUnderTest();
    await expect(late.log.recordSometimes(anEntry())).rejects.toMatchObject({ code: 'database_unavailable' });
    await late.start();
    await late.log.recordSometimes(anEntry());
    expect((await late.reader.listInstance({ limit: 10 })).entries).toHaveLength(1);
    await late.store.dispose();
  });

  it('takes no trail whose name is no id', async () => {
    for (const trail of ['a:b', '', 'x'.repeat(41), 'A'])
      await expect(test.log.record(anEntry({ trail }))).rejects.toThrow(TypeError);
  });
});
