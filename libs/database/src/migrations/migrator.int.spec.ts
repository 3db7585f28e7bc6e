import { eventually, verifies } from '@flowmate/testing';
import { Mongoose, type Schema } from 'mongoose';
import { TestDatabase } from '../../test/test-database.js';
import { ALL_COLLECTIONS } from '../collections.js';
import { ALL_MIGRATIONS } from './all-migrations.js';
import type { LockTimes } from './migration-lock.js';
import type { Migration } from './migration.js';
import { Migrator } from './migrator.js';

/** A lease that a test can wait for. */
const QUICK: LockTimes = { leaseMs: 600, waitMs: 5_000 };

/** A step that the test holds in its hand. */
class Step implements Migration {
  runs = 0;
  readonly entered = Promise.withResolvers<void>();
  readonly let = Promise.withResolvers<void>();

  constructor(
    readonly id: string,
    readonly name = 'step',
    private readonly waits = false,
  ) {}

  async up(): Promise<void> {
    this.runs += 1;
    this.entered.resolve();
    if (this.waits) await this.let.promise;
  }
}

describe('migrations', () => {
  const opened: TestDatabase[] = [];
  const open = async (name?: string): Promise<TestDatabase> => {
    const test = new TestDatabase(name ? { MONGODB_DATABASE: name } : {}, 'cli');
    opened.push(test);
    await test.database.connect();
    return test;
  };
  const migrator = ({ database }: TestDatabase, migrations: readonly Migration[], lock = QUICK): Migrator =>
    new Migrator(database, { migrations, lock });
  afterEach(async () => {
    for (const test of opened.splice(0)) await test.dispose();
  });

  it('run in order, each once, and say what they did', async () => {
    const test = await open();
    const [one, two] = [new Step('0001', 'one'), new Step('0002', 'two')];
    const told: string[] = [];
    const onApplied = ({ id }: { id: string }): number => told.push(id);
    expect(await migrator(test, [one]).state()).toBe('pending');
    expect(await new Migrator(test.database, { migrations: [one], onApplied }).up()).toEqual(['0001']);
    expect(await migrator(test, [one]).state()).toBe('current');
    expect(await migrator(test, [one, two]).state()).toBe('pending');
    expect(await migrator(test, [one, two]).up()).toEqual(['0002']);
    expect(await migrator(test, [one, two]).up()).toEqual([]);
    expect([one.runs, two.runs, told]).toEqual([1, 1, ['0001']]);
    expect(await migrator(test, [one, two, new Step('0003', 'three')]).status()).toEqual([
      {
        id: '0001',
        name: 'one',
        state: 'applied',
        at: expect.any(Date),
        ms: expect.any(Number),
        appliedBy: expect.stringContaining('process'),
      },
      expect.objectContaining({ id: '0002', state: 'applied' }),
      { id: '0003', name: 'three', state: 'pending' },
    ]);
  });

  it('of a later version are refused, and nothing is run', async () => {
    const test = await open();
    await migrator(test, [new Step('0001'), new Step('0009', 'future')]).up();
    const [one, two] = [new Step('0001'), new Step('0002')];
    const older = migrator(test, [one, two]);
    expect(await older.state()).toBe('newer');
    await expect(older.up()).rejects.toThrow('The database is newer than this version of FlowMate: it has 0009-future');
    expect(two.runs).toBe(0);
    expect((await older.status()).at(-1)).toMatchObject({ id: '0009', state: 'unknown' });
  });

  it('run once when many processes start them together', async () => {
    const first = await open();
    const crowd = [first, ...(await Promise.all(Array.from({ length: 4 }, () => open(first.database.name))))];
    const steps = [new Step('0001'), new Step('0002')];
    const ran = await Promise.all(crowd.map((test) => migrator(test, steps).up()));
    expect(ran.flat().sort()).toEqual(['0001', '0002']);
    expect(steps.map(({ runs }) => runs)).toEqual([1, 1]);
  });

  it('say who holds them up when that takes too long', async () => {
    const test = await open();
    const slow = new Step('0001', 'slow', true);
    const holder = migrator(test, [slow]).up();
    await slow.entered.promise;
    const { database } = await open(test.database.name);
    const waited: string[] = [];
    const onWaiting = (holder: string): number => waited.push(holder);
    const second = new Migrator(database, { migrations: [slow], lock: { ...QUICK, waitMs: 300 }, onWaiting });
    await expect(second.up()).rejects.toThrow(new RegExp(`is being migrated by .*process ${process.pid}`));
    expect(waited).toEqual([expect.stringContaining(`process ${process.pid}`)]);
    slow.let.resolve();
    expect(await holder).toEqual(['0001']);
    expect(slow.runs).toBe(1);
  });

  it('keep the lock for as long as a step takes, however long its lease is', async () => {
    const test = await open();
    const slow = new Step('0001', 'slow', true);
    const holder = migrator(test, [slow]).up();
    await slow.entered.promise;
    const second = migrator(await open(test.database.name), [slow], {
      leaseMs: QUICK.leaseMs,
      waitMs: 2 * QUICK.leaseMs,
    });
    await expect(second.up()).rejects.toThrow('is being migrated');
    slow.let.resolve();
    await holder;
  });

  it('are taken over when their process dies in the middle, and run again', async () => {
    const first = await open();
    const stuck = new Step('0001', 'step', true);
    const lost = migrator(first, [stuck])
      .up()
      .catch(() => 'lost');
    await stuck.entered.promise;
    // What a kill leaves behind: no more signs of life, no release.
    const db = await first.db();
    await first.database.close();
    const second = await open(db.databaseName);
    const again = new Step('0001');
    const started = performance.now();
    expect(await migrator(second, [again]).up()).toEqual(['0001']);
    expect(performance.now() - started).toBeGreaterThan(200);
    expect(again.runs).toBe(1);
    stuck.let.resolve();
    expect(await lost).toBe('lost');
  });

  it('write nothing more when their lock went to somebody else', async () => {
    const test = await open();
    const slow = new Step('0001', 'slow', true);
    const holder = migrator(test, [slow])
      .up()
      .catch((error: unknown) => error);
    await slow.entered.promise;
    await (
      await test.db()
    )
      .collection('migration_lock')
      .updateOne({}, { $set: { token: 'of another', at: new Date() } });
    slow.let.resolve();
    expect(String(await holder)).toContain('lost to another process');
    expect(await migrator(test, [slow]).state()).toBe('pending');
  });

  it('that are told to stop finish the step under way and leave the lock free', async () => {
    const test = await open();
    const [slow, never] = [new Step('0001', 'slow', true), new Step('0002')];
    const stop = new AbortController();
    const ended = migrator(test, [slow, never])
      .up(stop.signal)
      .catch((error: unknown) => String(error));
    await slow.entered.promise;
    stop.abort(new Error('Stopped.'));
    slow.let.resolve();
    expect(await ended).toContain('Stopped.');
    expect(never.runs).toBe(0);
    const waited: string[] = [];
    const next = new Migrator(test.database, { migrations: [slow, never], onWaiting: (holder) => waited.push(holder) });
    expect(await next.up()).toEqual(['0002']);
    expect(waited).toEqual([]);
  });

  it('that fail leave the lock free and are run again', async () => {
    const test = await open();
    const failing: Migration = { id: '0001', name: 'bad', up: () => Promise.reject(new Error('no')) };
    await expect(migrator(test, [failing]).up()).rejects.toThrow('no');
    expect(await migrator(test, [new Step('0001')], { ...QUICK, leaseMs: 60_000 }).up()).toEqual(['0001']);
  });

  it('are asked and recorded with a limit of time each', async () => {
    const test = await open();
    const commands = await test.commands();
    await new Migrator(test.database).up();
    await eventually(() => expect(commands.length).toBeGreaterThan(5));
    for (const { command } of commands) expect(command).toHaveProperty('maxTimeMS');
  });

  describe(verifies('FM-74', 'of this version'), () => {
    it('make the indexes that the schemas declare, no more and no fewer', async () => {
      const test = await open();
      await new Migrator(test.database).up();
      const connection = new Mongoose({ autoIndex: false, autoCreate: false })
        .createConnection()
        .setClient((await test.db()).client)
        .useDb(test.database.name);
      // A collection without indexes of its own is made by its first document.
      for (const { name, schema } of ALL_COLLECTIONS.filter((one) => one.schema.indexes().length > 0)) {
        const model = connection.model(name, schema as Schema, name);
        expect({ name, ...(await model.diffIndexes()) }).toEqual({ name, toDrop: [], toCreate: [] });
        expect((await model.listIndexes()).length).toBe(1 + schema.indexes().length);
      }
    });

    it('may each be run again', async () => {
      const test = await open();
      await new Migrator(test.database).up();
      await (await test.db()).collection('migrations').deleteMany({});
      expect(await new Migrator(test.database).up()).toEqual(ALL_MIGRATIONS.map(({ id }) => id));
    });
  });
});
