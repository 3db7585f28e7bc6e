import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { MongoClient } from 'mongodb';
import { eventually } from '@flowmate/testing';
import { LIMITS as LAUNCHER } from '../../launcher/limits.mjs';
import type { KnownProcess } from '../../launcher/lock.mjs';
import { isAlive } from '../../launcher/process-identity.mjs';
import { LIMITS } from './limits.ts';
import type { LogLine } from './log.ts';
import { findRedisServer } from './redis-server.ts';
import { startStores, type Stores, type StoresOptions } from './start-stores.ts';

const MAIN = join(__dirname, '..', 'main.ts');

let folder: string;
let started: Stores[];
let children: ChildProcess[];
let clients: Redis[];

async function start(options: Partial<StoresOptions> = {}): Promise<Stores> {
  const stores = await startStores({ folder, mongo: false, redis: 'embedded', ...options });
  started.push(stores);
  return stores;
}

function client(url: string | undefined): Redis {
  const redis = new Redis(String(url), { maxRetriesPerRequest: null, retryStrategy: () => 20 });
  redis.on('error', () => undefined); // servers end under it
  clients.push(redis);
  return redis;
}

/** What the holder of the folder says that it started. */
function startedProcesses(): KnownProcess[] {
  const [lock] = readdirSync(folder).filter((name) => name.endsWith('.lock'));
  return JSON.parse(readFileSync(join(folder, String(lock)), 'utf8')).processes;
}

interface Cli {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly errors: () => string;
  readonly ended: Promise<number | null>;
}

function cli(args: readonly string[], env: Record<string, string> = {}): Cli {
  const command = [MAIN, '--data', folder, '--only', 'redis', ...args];
  const child = spawn(process.execPath, command, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, FLOWMATE_EMBEDDED_STORES: 'embedded', ...env },
  });
  children.push(child);
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const ended = once(child, 'close').then(([code]) => code as number | null);
  return { child, output: () => output, errors: () => errors, ended };
}

async function readyUrl(run: Cli): Promise<string> {
  await eventually(() => expect(run.output()).toContain('\n'));
  return JSON.parse(run.output()).ready.redisUrl;
}

beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'flowmate-stores-')), 'data');
  [started, children, clients] = [[], [], []];
});
afterEach(async () => {
  for (const redis of clients) redis.disconnect();
  for (const stores of started) await stores.stop();
  for (const child of children.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null)) {
    child.kill('SIGTERM');
    await once(child, 'exit');
  }
  rmSync(join(folder, '..'), { recursive: true, force: true });
});

describe('the data folder', () => {
  it('keeps its passwords, for its owner only', async () => {
    const first = await start();
    const { redisUrl } = first;
    const port = Number(new URL(String(redisUrl)).port);
    await first.stop();
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(join(folder, 'redis-wasm')).mode & 0o777).toBe(0o700);
    expect(statSync(join(folder, 'passwords.json')).mode & 0o777).toBe(0o600);
    expect((await start({ ports: { redis: port } })).redisUrl).toBe(redisUrl);
  });

  it('serves one start only, in this process and in others', async () => {
    await start();
    await expect(start()).rejects.toThrow(/in use by this very process/);
    const other = cli([]);
    expect(await other.ended).toBe(1);
    expect(other.errors()).toContain(`in use (process ${process.pid}, since`);
  });

  it('that holds something else is left alone', async () => {
    mkdirSync(folder, { mode: 0o755 });
    writeFileSync(join(folder, 'letter.txt'), 'private');
    await expect(start()).rejects.toThrow(`The folder ${folder} holds something else`);
    expect(readdirSync(folder)).toEqual(['letter.txt']);
    expect(statSync(folder).mode & 0o777).toBe(0o755);
  });

  it('bears the version that wrote it', async () => {
    await (await start()).stop();
    const stamp = JSON.parse(readFileSync(join(folder, 'version.json'), 'utf8'));
    expect(stamp).toEqual({ format: 1, writtenBy: expect.stringMatching(/^\d+\.\d+\.\d+/) });
  });

  it('of a newer version is left alone', async () => {
    mkdirSync(folder);
    writeFileSync(join(folder, 'version.json'), '{ "format": 2, "writtenBy": "9.0.0" }');
    const run = cli([]);
    expect(await run.ended).toBe(1);
    expect(run.errors()).toContain('was written by a newer version (9.0.0, format 2; this one reads 1)');
    await expect(start()).rejects.toThrow('newer version');
  });

  it.each(['{"mongo":"half', '{"mongo":half}', 'null', '{}', '{"mongo":"","redis":""}'])(
    'with the damaged passwords %j is left alone, and they are not told',
    async (text) => {
      mkdirSync(folder);
      writeFileSync(join(folder, 'passwords.json'), text);
      await expect(start()).rejects.toThrow(/passwords.json is damaged: [^"]*$/);
      expect(readdirSync(folder).filter((name) => name.endsWith('.lock'))).toEqual([]);
    },
  );

  it('that cannot be used is named in a sentence, and not kept', async () => {
    mkdirSync(folder);
    writeFileSync(join(folder, 'redis-wasm'), 'in the way');
    const run = cli([]);
    expect(await run.ended).toBe(1);
    expect(run.errors()).toMatch(/^The data folder \S+ cannot be used: EEXIST.*\n$/);
    expect(readdirSync(folder).filter((name) => name.endsWith('.lock'))).toEqual([]);
  });

  it('names the data that another kind of server has there', async () => {
    mkdirSync(join(folder, 'redis-server', 'appendonlydir'), { recursive: true });
    const lines: LogLine[] = [];
    await start({ log: (line) => lines.push(line) });
    expect(lines.map(({ message }) => message)).toEqual([
      `embedded Redis, data in ${join(folder, 'redis-wasm')}`,
      `data of the other store is in ${join(folder, 'redis-server')}; it is not used now`,
    ]);
  });
});

describe('running stores', () => {
  it('come back within a second after kill -9, and clients with them', async () => {
    const stores = await start();
    const redis = client(stores.redisUrl);
    await redis.set('a', 'x');
    await redis.save();
    const [{ pid } = { pid: 0 }] = stores.running();
    const begun = performance.now();
    process.kill(Number(pid), 'SIGKILL');
    await once(redis, 'close');
    expect(await redis.get('a')).toBe('x');
    expect(performance.now() - begun).toBeLessThan(1_000);
  });

  it('survive a script without an end', async () => {
    const stores = await start({ limits: { probeEveryMs: 50, silenceMs: 300 } });
    const redis = client(stores.redisUrl);
    await redis.set('a', 'x');
    await redis.save();
    const endless = client(stores.redisUrl);
    endless.eval('while true do end', 0).catch(() => undefined);
    await once(endless, 'close');
    endless.disconnect(); // or it would send its script again
    expect(await redis.get('a')).toBe('x');
  });

  it('tell what they are and what they hold', async () => {
    const [running] = (await start()).running();
    expect(running).toMatchObject({ store: 'redis', name: 'redis-wasm', title: 'embedded Redis' });
    expect(running?.residentBytes).toBeGreaterThan(10_000_000);
    expect(running?.residentBytes).toBeLessThan(130_000_000);
  });
});

describe('the command', () => {
  it('prints addresses with passwords only as --json, and stops in order', async () => {
    const run = cli(['--json']);
    const url = await readyUrl(run);
    expect(await client(url).set('a', 'x')).toBe('OK');
    run.child.kill('SIGTERM');
    expect(await run.ended).toBe(0);
    expect(run.errors()).not.toContain(new URL(url).password);
    expect(statSync(join(folder, 'redis-wasm', 'dump.rdb')).size).toBeGreaterThan(0);
  });

  it('prints a table for people, without passwords', async () => {
    const run = cli([]);
    await eventually(() => expect(run.output()).toMatch(/embedded Redis +127\.0\.0\.1:\d+ +process \d+, \d+ MB/));
    const { redis } = JSON.parse(readFileSync(join(folder, 'passwords.json'), 'utf8'));
    expect(run.output()).not.toContain(redis);
    expect(run.output()).toContain('not for production');
  });

  it('says what it is not for', async () => {
    const run = cli(['--help']);
    expect(await run.ended).toBe(0);
    for (const word of ['production', 'several machines', 'large data', 'transactions']) {
      expect(run.output()).toContain(word);
    }
  });

  it.each([
    [['--bogus'], /bogus/],
    [['--redis-port', 'x'], /--redis-port is no port: x/],
    [['--only', 'both'], /--only is mongo or redis/],
    [['--data', ''], /--data names no folder/],
  ])('refuses %j with a sentence', async (args, message) => {
    const run = cli(args);
    expect(await run.ended).toBe(1);
    expect(run.errors()).toMatch(message);
  });

  it('takes its servers with it when it is killed', async () => {
    const run = cli(['--json']);
    const redis = client(await readyUrl(run));
    await redis.set('a', 'kept');
    const [known] = startedProcesses();
    run.child.kill('SIGKILL');
    await eventually(() => expect(known && isAlive(known)).toBe(false));
    redis.disconnect();
    const again = cli(['--json']);
    expect(await client(await readyUrl(again)).get('a')).toBe('kept');
  });
});

describe('a start that is called off', () => {
  it('ends at once, and with what it has started', async () => {
    const wish = new AbortController();
    const begun = startStores({ folder, mongo: false, redis: 'embedded', signal: wish.signal });
    const outcome = begun.catch((error: unknown) => error);
    await eventually(() => expect(startedProcesses()).toHaveLength(1));
    const [known] = startedProcesses();
    wish.abort();
    expect(String(await outcome)).toContain('did not start');
    expect(known && isAlive(known)).toBe(false);
    expect(readdirSync(folder).filter((name) => name.endsWith('.lock'))).toEqual([]);
  });
});

describe('a script without an end', () => {
  it('ends with the supervisor, even when that is killed', async () => {
    const run = cli(['--json']);
    const endless = client(await readyUrl(run));
    await endless.ping();
    const [known] = startedProcesses();
    endless.eval('while true do end', 0).catch(() => undefined);
    await eventually(() => expect(run.errors()).toContain('Slow script detected'));
    run.child.kill('SIGKILL');
    await run.ended;
    await once(endless, 'close');
    endless.disconnect();
    await eventually(() => expect(known && isAlive(known)).toBe(false));
  });

  it('is killed before `npm start` would kill the supervisor above it', () => {
    expect(LIMITS.stopMs).toBeLessThan(LAUNCHER.baseMs);
  });
});

const installed = findRedisServer();

// It does not notice that its supervisor was killed; one of our own servers does.
(installed ? describe : describe.skip)('an installed redis-server', () => {
  it('is preferred, with its password in a file of its owner', async () => {
    const stores = await start({ redis: 'installed' });
    const [running] = stores.running();
    expect(running?.title).toBe(installed?.title);
    expect(statSync(join(folder, 'redis-server', 'redis.conf')).mode & 0o777).toBe(0o600);
    const commandLine = execFileSync('ps', ['-o', 'args=', '-p', String(running?.pid)], { encoding: 'utf8' });
    expect(commandLine).toContain('redis-server');
    expect(commandLine).not.toContain(new URL(String(stores.redisUrl)).password);
    const config = await client(stores.redisUrl).config('GET', 'append*');
    expect(config).toEqual(expect.arrayContaining(['appendonly', 'yes', 'appendfsync', 'everysec']));
  });

  it('that a killed start has left behind is ended by the next one', async () => {
    const run = cli(['--json'], { FLOWMATE_EMBEDDED_STORES: '' });
    const redis = client(await readyUrl(run));
    await redis.set('a', 'kept');
    const [orphan] = startedProcesses();
    run.child.kill('SIGKILL');
    await run.ended;
    redis.disconnect();
    expect(orphan && isAlive(orphan)).toBe(true);
    const again = cli(['--json'], { FLOWMATE_EMBEDDED_STORES: '' });
    expect(await client(await readyUrl(again)).get('a')).toBe('kept');
    expect(orphan && isAlive(orphan)).toBe(false);
    expect(again.errors()).toContain('was left running by a killed start; ended');
  });
});

describe('both stores together', () => {
  it('keep what a driver has written over kill -9 of everything', async () => {
    const stores = await start({ mongo: 'embedded' });
    const before = await MongoClient.connect(String(stores.mongoUri));
    await before.db('flowmate').collection<{ _id: string }>('kept').insertOne({ _id: 'a' });
    await before.close();
    for (const { pid } of stores.running()) process.kill(Number(pid), 'SIGKILL');
    const after = await MongoClient.connect(String(stores.mongoUri));
    expect(await after.db('flowmate').collection('kept').countDocuments()).toBe(1);
    await after.close();
    expect(await client(stores.redisUrl).ping()).toBe('PONG');
  });
});
