import { eventually, testStores, verifies } from '@flowmate/testing';
import { TestDatabase } from '../../test/test-database.js';
import { Database } from './database.js';

describe('a database', () => {
  const opened: TestDatabase[] = [];
  const open = (variables?: Record<string, string>, role?: 'api' | 'worker' | 'cli'): TestDatabase => {
    const made = new TestDatabase(variables, role);
    opened.push(made);
    return made;
  };
  afterEach(() => Promise.all(opened.splice(0).map((one) => one.dispose())));

  it('answers how far it is and what time it is there', async () => {
    const { database, lines } = open();
    await database.connect();
    const { ms, storeTime } = await database.ping();
    expect(ms).toBeGreaterThan(0);
    expect(Math.abs(storeTime.getTime() - Date.now())).toBeLessThan(10_000);
    expect(lines).toEqual([expect.stringContaining('database connected')]);
  });

  it('is asked for the majority, and for durable writes', async () => {
    const test = open();
    await test.database.connect();
    const commands = await test.commands();
    const things = (await test.db()).collection('things');
    await things.insertOne({ a: 1 });
    await things.findOne({ a: 1 });
    expect(commands.map(({ command }) => command)).toMatchObject([
      { insert: 'things', writeConcern: { w: 'majority', j: true }, txnNumber: expect.anything() },
      { find: 'things', readConcern: { level: 'majority' } },
    ]);
  });

  it('answers an operation that is not wanted any more at once', async () => {
    const { database } = open();
    await database.connect();
    await expect(database.ping({ signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'database_unavailable',
    });
  });

  describe(verifies('FR-7', 'its settings'), () => {
    it('name its address and its database', async () => {
      const named = open({ MONGODB_DATABASE: 'test_by_name' });
      await named.database.connect();
      expect((await named.db()).databaseName).toBe('test_by_name');
      const uri = testStores().mongoUri.replace(/\/[^/?]*(\?|$)/, '/test_by_address$1');
      expect(open({ MONGODB_URI: uri, MONGODB_DATABASE: '' }).database.name).toBe('test_by_address');
    });

    it('say how long it is looked for', async () => {
      const { database } = open({ MONGODB_URI: 'mongodb://127.0.0.1:1', MONGODB_TIMEOUT: '1s' });
      const started = performance.now();
      await expect(database.connectInTime()).rejects.toMatchObject({ code: 'database_unavailable' });
      const waited = performance.now() - started;
      expect(waited).toBeGreaterThan(950);
      expect(waited).toBeLessThan(2_500);
    });

    it('bound its connections', async () => {
      const { database, metrics } = open({ MONGODB_MAX_POOL_SIZE: '2' });
      await database.connect();
      await Promise.all(Array.from({ length: 50 }, () => database.ping()));
      expect(await metrics.text()).toMatch(/^flowmate_mongodb_connections [12]$/m);
    });
  });

  describe(verifies('FR-22', 'its metrics'), () => {
    it('count operations by collection, command and outcome, and take their time', async () => {
      const test = open();
      await test.database.connect();
      const db = await test.db();
      await db.collection('canaries').findOne({});
      await db.collection<{ _id: number }>('canaries').insertOne({ _id: 1 });
      await expect(db.command({ find: 'canaries', filter: { $nonsense: 1 } })).rejects.toThrow('$nonsense');
      const text = await test.metrics.text();
      const operations = 'flowmate_mongodb_operations_total{collection="canaries"';
      expect(text).toContain(`${operations},command="find",outcome="ok"} 1`);
      expect(text).toContain(`${operations},command="insert",outcome="ok"} 1`);
      expect(text).toContain(`${operations},command="find",outcome="failed"} 1`);
      expect(text).toContain(
        'flowmate_mongodb_operation_duration_seconds_count{collection="canaries",command="find"} 2',
      );
      expect(text).toContain('flowmate_mongodb_connections_in_use 0');
    });

    it('name no collection and no command but ours', async () => {
      const test = open();
      await test.database.connect();
      await (await test.db()).collection('of_somebody').findOne({});
      await expect((await test.db()).command({ nonsense: 1 })).rejects.toThrow('no such command');
      const text = await test.metrics.text();
      expect(text).not.toMatch(/of_somebody|nonsense/);
      expect(text).toContain('{collection="other",command="find",outcome="ok"} 1');
      expect(text).toContain('{collection="other",command="other",outcome="failed"} 1');
    });
  });

  describe('in production', () => {
    it('is refused when it is the embedded store, with exit code 78', async () => {
      const test = open({ NODE_ENV: 'production' });
      const connected = test.database.connect();
      if (process.env['FLOWMATE_TEST_REAL_MONGODB_URI']) return void (await connected);
      await expect(connected).rejects.toMatchObject({ exitCode: 78, message: expect.stringContaining('embedded') });
      expect(test.database.state).toBe('refused');
      await expect(test.database.ping()).rejects.toMatchObject({ code: 'database_unavailable' });
    });

    it('has to be named', () => {
      expect(() => open({ NODE_ENV: 'production', MONGODB_URI: '' })).toThrow('MONGODB_URI: is required in production');
    });
  });

  it('that has no address is told once, and is asked nothing', async () => {
    const { database, lines } = open({ MONGODB_URI: '' });
    await database.connect();
    expect(database.state).toBe('absent');
    expect(lines).toEqual([expect.stringContaining('MONGODB_URI is not set')]);
    await expect(database.ping()).rejects.toMatchObject({ kind: 'unavailable', code: 'database_unavailable' });
    await expect(database.connectInTime()).rejects.toMatchObject({ exitCode: 78 });
  });

  it('whose address the driver does not understand is refused without quoting it', async () => {
    const { database } = open({ MONGODB_URI: 'mongodb://user:pa55word@host:99999999/' });
    const refused: unknown = await database.connect().catch((error: unknown) => error);
    expect(refused).toMatchObject({ exitCode: 78 });
    expect(String(refused)).not.toMatch(/pa55word|9999/);
  });

  it('whose password is wrong is told plainly, without the password, and tried again', async () => {
    const uri = new URL(testStores().mongoUri);
    uri.password = 'wr0ngpassword';
    const test = open({ MONGODB_URI: uri.href });
    const connected = test.database.connect();
    await eventually(() => expect(test.lines).toHaveLength(1));
    expect(test.lines[0]).toContain('the user name or the password is wrong');
    expect(test.lines.join()).not.toContain('wr0ngpassword');
    expect(test.database.state).toBe('connecting');
    await test.database.close();
    await connected;
    expect(test.lines).toHaveLength(1);
  });

  it('that is closed is asked nothing any more', async () => {
    const { database } = open();
    await database.connect();
    await database.close();
    expect(database).toBeInstanceOf(Database);
    expect(database.state).toBe('closed');
    await expect(database.ping()).rejects.toMatchObject({ code: 'database_unavailable' });
  });
});
