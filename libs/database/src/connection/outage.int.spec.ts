import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@flowmate/testing';
import { ServerProcess } from '../../../../tools/embedded/mongo/trials/server-process.js';
import { TestDatabase } from '../../test/test-database.js';
import type { Database } from './database.js';

/** No request of ours hangs longer while a store is away; half a second is left for the machine. */
const BOUND_MS = 2_500;

/** What a crowd of requests sees: how long the slowest took, and how each ended. */
async function askMany(database: Database, count = 100): Promise<{ slowestMs: number; codes: Set<unknown> }> {
  const asked = Array.from({ length: count }, async () => {
    const started = performance.now();
    const code = await database.ping().then(
      () => 'ok',
      (error: { code?: unknown }) => error.code,
    );
    return { ms: performance.now() - started, code };
  });
  const answers = await Promise.all(asked);
  return { slowestMs: Math.max(...answers.map(({ ms }) => ms)), codes: new Set(answers.map(({ code }) => code)) };
}

describe('a database that goes away', () => {
  const folder = mkdtempSync(join(tmpdir(), 'flowmate-outage-'));
  const server = new ServerProcess(folder);
  let test: TestDatabase;

  beforeAll(async () => {
    await server.start();
    await server.end('SIGTERM');
  });
  afterAll(async () => {
    await test.database.close();
    await server.end('SIGKILL');
    rmSync(folder, { recursive: true });
  });

  it('may not be there yet: it is told once, and found when it comes', async () => {
    test = new TestDatabase({ MONGODB_URI: server.uri });
    const connected = test.database.connect();
    await eventually(() => expect(test.lines).toHaveLength(1));
    expect(test.lines[0]).toContain('nothing listens at the address');
    expect(await askMany(test.database)).toMatchObject({ codes: new Set(['database_unavailable']) });
    await server.start();
    await connected;
    expect(test.database.state).toBe('connected');
    expect(test.lines).toHaveLength(2);
    expect(test.lines[1]).toContain('database connected');
  });

  it('by a kill is noticed, fails at once meanwhile, and is found again', async () => {
    expect(await askMany(test.database)).toMatchObject({ codes: new Set(['ok']) });
    const meanwhile = askMany(test.database);
    await server.end('SIGKILL');
    expect((await meanwhile).slowestMs).toBeLessThan(BOUND_MS);
    const first = await askMany(test.database);
    expect(first.slowestMs).toBeLessThan(BOUND_MS);
    await eventually(() => expect(test.database.state).toBe('disconnected'));
    const later = await askMany(test.database);
    expect(later.codes).toEqual(new Set(['database_unavailable']));
    expect(later.slowestMs).toBeLessThan(100);

    await server.start();
    await eventually(async () => expect((await askMany(test.database, 1)).codes).toEqual(new Set(['ok'])), 10_000);
    expect(test.lines.slice(2)).toEqual([
      expect.stringContaining('database lost'),
      expect.stringMatching(/database is back .*duration_ms=\d+/),
    ]);
  });

  it('by falling silent holds nobody longer than its limit, and answers again when it wakes', async () => {
    process.kill(server.pid!, 'SIGSTOP');
    try {
      const first = await askMany(test.database);
      expect(first.codes).toEqual(new Set(['database_unavailable']));
      expect(first.slowestMs).toBeLessThan(BOUND_MS);
      // More than the pool has connections, all of them into a store that says nothing.
      const crowd = await askMany(test.database, 300);
      expect(crowd.slowestMs).toBeLessThan(BOUND_MS);
      await eventually(() => expect(test.database.state).toBe('disconnected'), 15_000);
    } finally {
      process.kill(server.pid!, 'SIGCONT');
    }
    await eventually(async () => expect((await askMany(test.database, 1)).codes).toEqual(new Set(['ok'])), 10_000);
  }, 40_000);

  it('while the process ends does not hold it', async () => {
    process.kill(server.pid!, 'SIGSTOP');
    try {
      const under = test.database.ping().catch((error: { code?: unknown }) => error.code);
      const started = performance.now();
      await test.database.close();
      expect(performance.now() - started).toBeLessThan(BOUND_MS);
      expect(await under).toBe('database_unavailable');
    } finally {
      process.kill(server.pid!, 'SIGCONT');
    }
  });
});
