import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import { eventually } from '@flowmate/testing';
import { residentBytes } from '../supervisor/resident-bytes.ts';
import { PASSWORD, spawnRedis, startRedis, type ProcessOptions, type RedisProcess } from './contract/process.ts';
import { encodeCommand } from './resp.ts';

const MEBIBYTE = 1024 * 1024;
let folder: string;
let running: RedisProcess[];

async function start(args: readonly string[] = []): Promise<RedisProcess> {
  const options: ProcessOptions = { folder, args };
  const started = await startRedis(options);
  running.push(started);
  return started;
}

/** A bare connection that has logged in and, on purpose, does not read. */
async function deafClient(port: number, ...commands: string[][]): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1' });
  await once(socket, 'connect');
  socket.on('error', () => undefined); // being cut is the point
  socket.pause();
  socket.write(Buffer.concat([['AUTH', PASSWORD], ...commands].map(encodeCommand)));
  return socket;
}

async function field(redis: Redis, name: string): Promise<number> {
  return Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(await redis.info())?.[1]);
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flowmate-redis-'));
  running = [];
});
afterEach(async () => {
  for (const { child, end } of running) if (child.exitCode === null && child.signalCode === null) await end('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

describe('its clients', () => {
  it.each([
    'SHUTDOWN NOSAVE',
    'DEBUG SEGFAULT',
    'CONFIG SET maxmemory 0',
    'CONFIG REWRITE',
    'MODULE LIST',
    'REPLICAOF 127.0.0.1 1',
    'BGSAVE',
    'BGREWRITEAOF',
    'ACL SETUSER default nopass',
    'ACL LIST',
    'CLIENT PAUSE 100000',
    'CLIENT NO-EVICT ON',
    'MIGRATE 127.0.0.1 1 a 0 10',
    'CLUSTER RESET',
    'SCRIPT DEBUG YES',
  ])('may not %s', async (line) => {
    const [name = '', ...words] = line.split(' ');
    const { connect } = await start();
    const redis = connect();
    await expect(redis.call(name, ...words)).rejects.toThrow(/NOPERM|not allowed/);
    expect(await redis.ping()).toBe('PONG');
  });

  it('cannot reach it under another address than 127.0.0.1', async () => {
    const { port } = await start();
    const socket = connect({ port, host: '127.0.0.2' });
    const [error] = await once(socket, 'error');
    expect(error.code).toBe('ECONNREFUSED');
  });

  it('get their answer when they have closed their half first', async () => {
    const { port } = await start();
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    socket.end(
      Buffer.concat(
        [
          ['AUTH', PASSWORD],
          ['ECHO', 'last words'],
        ].map(encodeCommand),
      ),
    );
    let answer = '';
    socket.setEncoding('utf8').on('data', (text: string) => (answer += text));
    await once(socket, 'close');
    expect(answer).toBe('+OK\r\n$10\r\nlast words\r\n');
  });

  it('are served when thousands came and went before', async () => {
    const { port, connect: connectClient } = await start();
    const redis = connectClient();
    for (let round = 0; round < 70; round += 1) {
      const sockets = Array.from({ length: 100 }, () => connect({ port, host: '127.0.0.1' }));
      await Promise.all(sockets.map((socket) => once(socket.end('PING\r\n').resume(), 'close')));
    }
    expect(await redis.ping()).toBe('PONG');
    expect(await field(redis, 'total_connections_received')).toBeGreaterThan(7_000);
    await eventually(async () => expect(await field(redis, 'connected_clients')).toBe(1));
  }, 30_000);
});

it('outlives whatever bytes arrive, before a login and after it', async () => {
  const { port, connect: connectClient } = await start();
  const redis = connectClient();
  const login = encodeCommand(['AUTH', PASSWORD]);
  const valid = Buffer.concat([encodeCommand(['SET', 'a', 'b']), Buffer.from('*2\r\n$4\r\nINCR\r\n:5\r\nPING\r\n')]);
  for (let round = 0; round < 500; round += 1) {
    // From its number alone, so that a failure can be repeated.
    const bytes = Buffer.from(valid);
    for (let change = 0; change <= round % 4; change += 1) bytes[(round * 7 + change * 13) % bytes.length] = round * 31;
    const socket = connect({ port, host: '127.0.0.1' }).resume();
    socket.on('error', () => undefined); // cut off is a fair answer
    socket.end(round % 2 === 0 ? bytes : Buffer.concat([login, bytes]));
    await once(socket, 'close');
  }
  expect(await redis.ping()).toBe('PONG');
  await eventually(async () => expect(await field(redis, 'connected_clients')).toBe(1));
  expect(await field(redis, 'used_memory')).toBeLessThan(8 * MEBIBYTE);
}, 20_000);

it('reads no huge length from somebody who has not logged in', async () => {
  const { port } = await start();
  const socket = connect({ port, host: '127.0.0.1' });
  socket.write('*1\r\n$60000000\r\n');
  const [answer] = await once(socket, 'data');
  expect(String(answer)).toMatch(/^-ERR Protocol error: unauthenticated bulk length/);
  socket.destroy();
});

describe('a client that never reads', () => {
  it('is cut off as a subscriber before it holds much memory', async () => {
    const server = await start();
    const redis = server.connect();
    const before = residentBytes(Number(server.child.pid)) ?? 0;
    const deaf = await deafClient(server.port, ['SUBSCRIBE', 'flood']);
    await eventually(async () => expect(await redis.publish('flood', 'first')).toBe(1));
    const message = 'x'.repeat(MEBIBYTE / 4);
    let listeners = 1;
    for (let sent = 0; sent < 400 && listeners > 0; sent += 1) listeners = await redis.publish('flood', message);
    expect(listeners).toBe(0);
    expect(await field(redis, 'client_output_buffer_limit_disconnections')).toBe(1);
    expect((residentBytes(Number(server.child.pid)) ?? 0) - before).toBeLessThan(120 * MEBIBYTE);
    deaf.destroy();
  }, 20_000);

  it('is cut off when it asks for more than it takes', async () => {
    const server = await start();
    const redis = server.connect();
    await redis.set('big', 'x'.repeat(8 * MEBIBYTE));
    const asking = Array.from({ length: 30 }, () => ['GET', 'big']);
    const deaf = await deafClient(server.port, ...asking);
    await eventually(async () => expect(await field(redis, 'client_output_buffer_limit_disconnections')).toBe(1));
    expect(await redis.ping()).toBe('PONG');
    deaf.destroy();
  }, 20_000);
});

it('bounds what all clients together may hold', async () => {
  const redis = (await start()).connect();
  expect(await redis.config('GET', 'maxmemory-clients')).toEqual(['maxmemory-clients', `${512 * MEBIBYTE}`]);
});

describe('its data', () => {
  it('is written at the end and loaded at the start', async () => {
    const first = await start();
    await first.connect().set('a', 'kept');
    expect(await first.end('SIGTERM')).toBe(0);
    expect(await (await start()).connect().get('a')).toBe('kept');
  });

  it('is written when whoever started it ends', async () => {
    const first = await start();
    await first.connect().set('a', 'kept');
    first.child.disconnect();
    expect(await once(first.child, 'exit')).toEqual([0, null]);
    expect(await (await start()).connect().get('a')).toBe('kept');
  });

  it('loses at most the interval when it is killed', async () => {
    const first = await start(['--snapshot-seconds', '0.1']);
    const redis = first.connect();
    await redis.set('a', 'kept');
    await eventually(async () => expect(await field(redis, 'rdb_changes_since_last_save')).toBe(0));
    await first.end('SIGKILL');
    expect(await (await start()).connect().get('a')).toBe('kept');
  });

  it('is not written again while nothing changes', async () => {
    const redis = (await start(['--snapshot-seconds', '0.05'])).connect();
    await redis.set('a', 'x');
    await eventually(async () => expect(await field(redis, 'rdb_saves')).toBe(1));
    await eventually(async () => expect(await field(redis, 'uptime_in_seconds')).toBeGreaterThanOrEqual(2));
    expect(await field(redis, 'rdb_saves')).toBe(1);
  });

  it('is whole whenever a kill comes during a snapshot', async () => {
    let acknowledged = 0;
    for (let round = 1; round <= 6; round += 1) {
      const server = await start();
      const redis = server.connect();
      expect(await redis.dbsize()).toBe(round === 1 ? 0 : 20_001);
      expect(Number(await redis.get('round'))).toBeGreaterThanOrEqual(acknowledged);
      const entries = Array.from({ length: 20_000 }, (_, index) => [`key ${index}`, `${round}`.repeat(200)]);
      await redis.mset(Object.fromEntries(entries));
      await redis.set('round', round);
      await redis.save();
      acknowledged = round;
      redis.save().catch(() => undefined); // this one is cut off
      for (let turn = 0; turn < round * 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      await server.end('SIGKILL');
    }
    expect(await (await start()).connect().get('round')).toBe('6');
  }, 30_000);

  it('is only for its owner', async () => {
    await start();
    expect(statSync(folder).mode & 0o777).toBe(0o700);
  });
});

describe('a damaged snapshot', () => {
  const damages: [string, (bytes: Buffer) => Buffer][] = [
    ['no snapshot at all', () => Buffer.from('something else entirely')],
    ['cut off', (bytes) => bytes.subarray(0, bytes.length - 20)],
    ['of another content', (bytes) => Buffer.from(bytes).fill(0xff, bytes.length / 2, bytes.length / 2 + 8)],
    ['empty', () => Buffer.alloc(0)],
  ];

  it.each(damages)('that is %s is kept aside, loudly, and the start goes on', async (_name, damage) => {
    const first = await start();
    for (let index = 0; index < 50; index += 1) await first.connect().set(`key ${index}`, 'x'.repeat(50));
    await first.end('SIGTERM');
    const path = join(folder, 'dump.rdb');
    const damaged = damage(readFileSync(path));
    writeFileSync(path, damaged);
    const second = await start();
    expect(await second.connect().dbsize()).toBe(0);
    const aside = readdirSync(folder).find((name) => name.startsWith('dump.rdb.damaged-'));
    expect(readFileSync(join(folder, String(aside))).equals(damaged)).toBe(true);
    await eventually(() => expect(second.logged()).toMatch(/"level":"error".*starts EMPTY/));
  });
});

describe('a start', () => {
  async function refusal(args: readonly string[]): Promise<string> {
    const child = spawnRedis({ folder, args });
    let text = '';
    child.stderr?.setEncoding('utf8').on('data', (piece: string) => (text += piece));
    const [code] = await once(child, 'close');
    expect(code).toBe(1);
    return text;
  }

  it('on a port in use ends with a sentence', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo; // it listens on TCP
    expect(await refusal(['--port', `${port}`])).toContain(`Port ${port} on 127.0.0.1 cannot be used: another process`);
    other.close();
    expect(existsSync(join(folder, 'dump.rdb'))).toBe(false);
  });

  it.each([
    ['an unknown option', ['--bogus'], /bogus/],
    ['a port that is none', ['--port', '70000'], /--port is no port: 70000/],
    ['an interval that is none', ['--snapshot-seconds', '0'], /above 0/],
  ])('with %s ends with a sentence', async (_name, args, message) => {
    expect(await refusal(args)).toMatch(message);
  });

  it('holds little memory', async () => {
    const server = await start();
    expect(residentBytes(Number(server.child.pid))).toBeLessThan(120 * MEBIBYTE);
  });
});
