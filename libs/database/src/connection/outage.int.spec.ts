import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, testStores } from '@flowmate/testing';
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

/** Hands bytes on; those of the server come late. */
async function slowProxy(uri: string, delayMs: number): Promise<{ uri: string; close(): void }> {
  const { port, hostname } = new URL(uri);
  const sockets = new Set<Socket>();
  const proxy = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy()).on('close', () => [client, upstream].forEach((one) => one.destroy()));
    }
    client.pipe(upstream);
    upstream.on('data', (bytes) => void setTimeout(() => client.write(bytes), delayMs));
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const slow = new URL(uri);
  slow.host = `127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  slow.searchParams.set('directConnection', 'true');
  const close = (): void => {
    for (const socket of sockets) socket.destroy();
    proxy.close();
  };
  return { uri: slow.href, close };
}

describe('a database that is half a second slower than it was', () => {
  it('is used all the same, by a burst on an empty pool too', async () => {
    const proxy = await slowProxy(testStores().mongoUri, 500);
    const test = new TestDatabase({ MONGODB_URI: proxy.uri });
    await test.database.connect();
    expect(await askMany(test.database, 20)).toMatchObject({ codes: new Set(['ok']) });
    const { slowestMs, codes } = await askMany(test.database, 50);
    expect(codes).toEqual(new Set(['ok']));
    expect(slowestMs).toBeLessThan(BOUND_MS);
    await test.database.close();
    proxy.close();
  }, 20_000);
});

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
