import { AuditChain, RunAuditor } from '@flowmate/audit';
import {
  AgentRepository,
  AuditRepository,
  PayloadRepository,
  RunStore,
  RunWatch,
  WorkspaceRepository,
} from '@flowmate/database';
import { newId } from '@flowmate/domain';
import { createLogger } from '@flowmate/observability';
import { verifies } from '@flowmate/testing';
import { endedRun } from '../../../../libs/audit/test/ended-runs.js';
import { EngineWorld } from '../../test/harness/engine-under-test.js';
import { OrphanedRuns } from './orphaned-runs.js';
import { runRetention } from './run-retention.js';

const DAY_MS = 86_400_000;
const going = new AbortController().signal;
const logger = createLogger({
  level: 'info',
  format: 'text',
  service: 'test',
  environment: 'test',
  destination: { write: () => undefined },
});

describe('what workers keep in order about runs', () => {
  const world = new EngineWorld();
  const { database } = world.test;
  const store = new RunStore(database);
  const payloads = new PayloadRepository(database);

  beforeAll(() => world.begin());
  afterAll(() => world.dispose());

  describe(verifies('FM-66', 'runs that ended long ago'), () => {
    const auditor = new RunAuditor({
      repository: new AuditRepository(database),
      chain: new AuditChain('s'.repeat(64)),
      runs: new RunWatch(database),
    });
    /** As the store will be so many days from now. */
    const forget = (days: number): Promise<void> =>
      runRetention({
        database,
        settings: { retentionDays: 90 },
        auditor,
        storeNow: () => Date.now() + days * DAY_MS,
        logger,
      }).run(going);
    const audit = (): Promise<number> => auditor.recordUntil(new Date(Date.now() + 60_000));

    it('are forgotten with their payloads when their time is over, and others stay', async () => {
      const owner = { workspaceId: newId() };
      const ended = await endedRun(database, owner.workspaceId);
      const open = await world.run(await world.agent(), {}, false);
      const [{ ref }, kept] = [
        await payloads.put(owner, ended, 'a long text'),
        await payloads.put(world, open, 'another long text'),
      ];
      // The newest end is where the audit stands, and stays until there is a newer one.
      await audit();
      await endedRun(database, owner.workspaceId);
      await audit();
      await forget(89);
      expect(await store.readUnscoped(ended)).not.toBeNull();
      await forget(91);
      expect(await store.readUnscoped(ended)).toBeNull();
      expect(await payloads.find(owner, ended, ref)).toBeNull();
      expect((await store.readUnscoped(open))?.head.status).toBe('queued');
      expect(await payloads.find(world, open, kept.ref)).toBe('another long text');
    });

    it('are not forgotten before their ends are in the audit trail', async () => {
      const trail = newId();
      const ended = await endedRun(database, trail);
      await forget(91);
      expect(await store.readUnscoped(ended)).not.toBeNull();
      await audit();
      await endedRun(database, trail);
      await audit();
      await forget(91);
      expect(await store.readUnscoped(ended)).toBeNull();
    });
  });

  describe('runs of what was deleted', () => {
    const told: string[] = [];
    const orphans = new OrphanedRuns({
      database,
      storeNow: Date.now,
      tell: (owner, runId) => void told.push(`${owner} ${runId}`),
      logger,
    });

    it('end with their agent, though whoever deleted it was killed before it came to them', async () => {
      const [agentId, otherId] = [await world.agent(), await world.agent({ name: 'Other' })];
      const [held, rung, other] = [
        await world.run(agentId, {}, false),
        await world.run(agentId),
        await world.run(otherId, {}, false),
      ];
      await orphans.run(going);
      expect((await store.readUnscoped(held))?.head.status).toBe('queued');
      await new AgentRepository(database).remove(world, agentId, new Date());
      await orphans.run(going);
      for (const id of [held, rung]) {
        // oxlint-disable-next-line no-await-in-loop -- two
        const run = await store.readUnscoped(id);
        expect([run?.head.status, run?.owner, run?.wakeAt]).toEqual(['cancelled', null, null]);
        expect(run?.journal.at(-1)?.data).toEqual({ by: { kind: 'system', id: 'deleted' }, undecided: [] });
      }
      expect((await store.readUnscoped(other))?.head.status).toBe('queued');
    });

    it('are cancelled by the worker that has them, which is told once', async () => {
      const agentId = await world.agent({ name: 'Owned' });
      const id = await world.run(agentId, {}, false);
      const runs = (await world.test.db()).collection<{ _id: string }>('runs');
      await runs.updateOne({ _id: id }, { $set: { owner: 'w-1' } });
      await new AgentRepository(database).remove(world, agentId, new Date());
      await orphans.run(going);
      await orphans.run(going);
      const run = await store.readUnscoped(id);
      expect([run?.head.status, run?.head.isCancelRequested, run?.owner]).toEqual(['queued', true, 'w-1']);
      expect(run?.journal).toHaveLength(2);
      expect(told).toEqual([`w-1 ${id}`]);
    });

    it('end with their workspace', async () => {
      const id = await world.run(await world.agent({ name: 'Of the workspace' }), {}, false);
      await new WorkspaceRepository(database).setDeleted(world.workspaceId, new Date());
      await orphans.run(going);
      expect((await store.readUnscoped(id))?.head.status).toBe('cancelled');
    });
  });
});
