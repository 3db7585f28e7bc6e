import { AuditRepository, Migrator, RunWatch, type Database } from '@flowmate/database';
import { newId } from '@flowmate/domain';
import { verifies } from '@flowmate/testing';
import { RUN } from '../../../database/src/connection/database.js';
import { TestDatabase } from '../../../database/test/test-database.js';
import { endedRun } from '../../test/ended-runs.js';
import { AuditChain } from '../audit-chain.js';
import { AuditLog } from '../audit-log.js';
import type { AuditLine } from '../audit-sink.js';
import { AuditVerifier } from '../audit-verifier.js';
import { RunAuditor } from './run-auditor.js';

const SECRET = 's'.repeat(64);
/** So that everything that has ended counts as over for sure. */
const LATER = (): Date => new Date(Date.now() + 60_000);

describe(verifies('FM-98', 'the audit trail of runs'), () => {
  const test = new TestDatabase();
  const { database } = test;
  const repository = new AuditRepository(database);
  const chain = new AuditChain(SECRET);
  const lines: AuditLine[] = [];
  const auditor = (on: Database = database, own = chain): RunAuditor =>
    new RunAuditor({
      repository: new AuditRepository(on),
      chain: own,
      runs: new RunWatch(on),
      sink: { write: (line) => void lines.push(line) },
    });
  /** What the trail says of runs, in its order: `id action seq`. */
  const saidIn = async (trail: string): Promise<string[]> =>
    (await repository.after(trail, 0, 1_000)).map(
      ({ action, target, details }) => `${target?.id ?? ''} ${action} ${String(details?.['seq'])}`,
    );
  const wanted = (ids: readonly string[]): string[] =>
    ids.flatMap((id) => [`${id} tool.called 5`, `${id} run.ended 7`]);
  const holds = async (trail: string): Promise<boolean> =>
    (await new AuditVerifier(repository, chain).verify(trail)).ok;
  const runsIn = async (workspaceId: string, count: number): Promise<string[]> => {
    const ids: string[] = [];
    // oxlint-disable-next-line no-await-in-loop -- in the order of their ends
    for (let made = 0; made < count; made += 1) ids.push(await endedRun(database, workspaceId));
    return ids;
  };

  beforeAll(async () => {
    await database.connect();
    await new Migrator(database).up();
  });
  afterAll(() => test.dispose());

  it('says who started what and what came of it, with every write, and nothing that was said', async () => {
    const trail = newId();
    const [good, doubtful] = [await endedRun(database, trail), await endedRun(database, trail, false)];
    expect(await auditor().recordUntil(LATER())).toBe(2);
    const entries = await repository.after(trail, 0, 10);
    const actor = { kind: 'key', id: 'k'.repeat(24) };
    const call = { seq: 5, tool: 'crm.note', risk: 'write', class: 'B' };
    const counts = { modelCalls: 1, inputTokens: 10, outputTokens: 5, costMicros: 70 };
    expect(entries.map(({ action, outcome }) => [action, outcome])).toEqual([
      ['tool.called', 'done'],
      ['run.ended', 'done'],
      ['tool.called', 'failed'],
      ['run.ended', 'failed'],
    ]);
    expect(entries[0]).toMatchObject({ actor, target: { kind: 'run', id: good }, correlationId: `of ${good}` });
    expect(entries[0]?.details).toEqual({ ...call, effect: 'certain' });
    expect(entries[1]?.details).toMatchObject({ status: 'succeeded', agentVersion: 3, toolCalls: 1, ...counts });
    expect(entries[2]?.details).toEqual({ ...call, effect: 'undecided' });
    expect(entries[3]).toMatchObject({ target: { id: doubtful }, details: { code: 'run_timeout' } });
    expect(JSON.stringify(await repository.after(trail, 0, 10))).not.toContain('nobody else');
    expect(lines.filter((line) => line.trail === trail && line.stored)).toHaveLength(4);
    expect(await holds(trail)).toBe(true);
  });

  it('leaves what has only just ended for the next time', async () => {
    const trail = newId();
    const [id = ''] = await runsIn(trail, 1);
    expect(await auditor().recordUntil(new Date(Date.now() - 5_000))).toBe(0);
    expect(await saidIn(trail)).toEqual([]);
    await auditor().recordUntil(LATER());
    expect(await saidIn(trail)).toEqual(wanted([id]));
  });

  it('asks once while nothing has ended since, and sees what ends then', async () => {
    const trail = newId();
    const patient = auditor();
    await patient.recordUntil(LATER());
    const asked = await test.commands();
    expect(await patient.recordUntil(LATER())).toBe(0);
    expect(asked.map(({ commandName }) => commandName)).toEqual(['find']);
    const [id = ''] = await runsIn(trail, 1);
    await patient.recordUntil(LATER());
    expect(await saidIn(trail)).toEqual(wanted([id]));
  });

  it('has each entry once when it is killed before or after any step, and goes on', async () => {
    let kills = 0;
    for (const isBefore of [true, false])
      for (let moment = 0, isOver = false; !isOver; moment += 1) {
        const [one, other] = [newId(), newId()];
        // oxlint-disable no-await-in-loop -- one kill after the other
        const ids = [await runsIn(one, 2), await runsIn(other, 1)] as const;
        let left = moment;
        const dying = new Proxy(database, {
          get: (target, name) =>
            name === RUN
              ? async (...args: Parameters<Database[typeof RUN]>) => {
                  left -= 1;
                  if (left === -1 && isBefore) throw new Error('killed');
                  const answer = await target[RUN](...args);
                  if (left === -1) throw new Error('killed');
                  return answer;
                }
              : Reflect.get(target, name),
        });
        isOver = await auditor(dying)
          .recordUntil(LATER())
          .then(() => true)
          .catch(() => false);
        if (!isOver) kills += 1;
        await auditor().recordUntil(LATER());
        expect([moment, await saidIn(one), await saidIn(other)]).toEqual([moment, wanted(ids[0]), wanted(ids[1])]);
        expect([await holds(one), await holds(other), await holds('runs')]).toEqual([true, true, true]);
        // oxlint-enable no-await-in-loop
      }
    expect(kills).toBeGreaterThan(10);
  }, 60_000);

  it('has each entry once when several workers record at the same time', async () => {
    const trails = [newId(), newId(), newId()];
    const ids = await Promise.all(trails.map((trail) => runsIn(trail, 40)));
    await Promise.all(Array.from({ length: 4 }, () => auditor().recordUntil(LATER())));
    await auditor().recordUntil(LATER());
    const said = await Promise.all(trails.map(saidIn));
    for (const [index, all] of said.entries()) expect(all.sort()).toEqual(wanted(ids[index] ?? []).sort());
    expect(await Promise.all([...trails, 'runs'].map(holds))).toEqual([true, true, true, true]);
  }, 30_000);

  it('shares a trail with whoever writes to it at the same time', async () => {
    const trail = newId();
    const ids = await runsIn(trail, 20);
    const log = new AuditLog({ repository, chain });
    const entry = { trail, action: 'agent.created', actor: { kind: 'system' }, outcome: 'done' } as const;
    await Promise.all([auditor().recordUntil(LATER()), ...Array.from({ length: 50 }, () => log.record(entry))]);
    const said = await saidIn(trail);
    expect(said.filter((one) => !one.includes('agent.created'))).toEqual(wanted(ids));
    expect(said).toHaveLength(90);
    expect(await holds(trail)).toBe(true);
  });

  it('adds nothing behind a cursor that was tampered with', async () => {
    const before = await auditor().place();
    expect(before?.id).toMatch(/^[0-9a-f]{24}$/);
    const audit = (await test.db()).collection<{ _id: string; trail: string; seq: number; 'details.closedAt': number }>(
      'audit',
    );
    const [last] = await audit.find({ trail: 'runs' }).sort({ seq: -1 }).limit(1).toArray();
    const _id = last?._id ?? '';
    await audit.updateOne({ _id }, { $inc: { 'details.closedAt': 1 } });
    const [id = ''] = await runsIn(newId(), 1);
    await expect(auditor().recordUntil(LATER())).rejects.toThrow(/does not verify/);
    await audit.updateOne({ _id }, { $inc: { 'details.closedAt': -1 } });
    await auditor().recordUntil(LATER());
    expect((await auditor().place())?.id).toBe(id);
  });

  it('sees all again with a new key and without the one before, and doubles nothing', async () => {
    const trail = newId();
    const ids = await runsIn(trail, 2);
    await auditor().recordUntil(LATER());
    await auditor(database, new AuditChain('n'.repeat(64))).recordUntil(LATER());
    expect(await saidIn(trail)).toEqual(wanted(ids));
  });
});
