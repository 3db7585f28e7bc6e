import { Metrics, type Logger } from '@flowmate/observability';
import { EngineWorld } from '../../test/harness/engine-under-test.js';
import { OrphanedRuns } from '../retention/orphaned-runs.js';
import { RunPlaces } from './run-places.js';

const never = new AbortController().signal;

describe('where runs are', () => {
  const world = new EngineWorld();
  const LATE_MS = 40_000;

  beforeAll(() => world.begin());
  afterAll(() => world.dispose());

  const shown = async (metrics: Metrics): Promise<string[]> =>
    (await metrics.text()).split('\n').filter((line) => line.startsWith('flowmate_runs_'));

  it('is asked for once while no run is open, and so are those of what was deleted', async () => {
    const { database } = world.test;
    const logger = { info: () => undefined } as unknown as Logger;
    const orphans = new OrphanedRuns({ database, storeNow: Date.now, tell: () => undefined, logger });
    const places = new RunPlaces({ watch: world.watch, storeNow: Date.now, metrics: new Metrics() });
    const asked = await world.test.commands();
    await orphans.run(never);
    await places.duty.run(never);
    expect(asked.map(({ commandName }) => commandName)).toEqual(['find', 'find']);
  });

  it('is shown by state, with the age of the one that is due longest; and nothing while it cannot be read', async () => {
    const agentId = await world.agent();
    await world.run(agentId, {}, false);
    await world.run(agentId);
    const ids = await Promise.all([world.run(agentId), world.run(agentId), world.run(agentId)]);
    const runs = (await world.test.db()).collection<{ _id: string }>('runs');
    const now = Date.now();
    const [late, later, running] = ids;
    await runs.updateOne({ _id: late }, { $set: { wakeAt: new Date(now - LATE_MS) } });
    await runs.updateOne({ _id: later }, { $set: { wakeAt: new Date(now + 60_000) } });
    await runs.updateOne({ _id: running }, { $set: { owner: 'w1', wakeAt: null } });

    const metrics = new Metrics();
    let [isThere, storeNow] = [true, now];
    const watch = {
      places: (...wanted: Parameters<typeof world.watch.places>) =>
        isThere ? world.watch.places(...wanted) : Promise.reject(new Error('The store is away.')),
    };
    const { duty } = new RunPlaces({ watch, storeNow: () => storeNow, metrics });
    expect(await shown(metrics)).toEqual([]);
    storeNow = now + 5_000;
    await duty.run(never);
    expect(await shown(metrics)).toEqual([
      'flowmate_runs_open{state="running"} 1',
      'flowmate_runs_open{state="due"} 2',
      'flowmate_runs_open{state="later"} 1',
      'flowmate_runs_open{state="held"} 1',
      'flowmate_runs_oldest_seconds{state="due"} 45',
    ]);
    isThere = false;
    await expect(duty.run(never)).rejects.toThrow('away');
    expect(await shown(metrics)).toEqual([]);
  });
});
