import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EMBEDDED_MONGO } from './embedded.ts';
import { Keeper } from './keeper.ts';
import { findMongod } from './mongod.ts';

/** A stand-in: no machine of ours is sure to have the real one. What it cannot show is mongod itself. */
const FAKE = join(__dirname, 'testing', 'fake-mongod.ts');

let folder: string;
let data: string;
let keepers: Keeper[];

function install(name: string, version = '8.0.4'): string {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\nFAKE_MONGOD_VERSION=${version} exec '${process.execPath}' '${FAKE}' "$@"\n`);
  chmodSync(path, 0o755);
  return path;
}

async function start(program: string, port = 0): Promise<Keeper> {
  const variant = findMongod({ MONGOD_BIN: program, PATH: '' });
  if (!variant) throw new Error('It was not found.');
  const keeper = new Keeper({
    variant,
    place: { folder: data, port, password: 'of-the-user' },
    log: () => undefined,
    onProcess: () => undefined,
    onGivenUp: () => undefined,
  });
  keepers.push(keeper);
  await keeper.start();
  return keeper;
}

function asked(): { name: string; user: unknown }[] {
  const text = readFileSync(join(data, 'db', 'asked.jsonl'), 'utf8');
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flowmate-mongod-'));
  data = join(folder, 'data');
  mkdirSync(data);
  keepers = [];
});
afterEach(async () => {
  for (const keeper of keepers) await keeper.stop();
  rmSync(folder, { recursive: true });
});

describe('a mongod of this machine', () => {
  it('is found on PATH', () => {
    install('mongod');
    expect(findMongod({ PATH: folder })).toMatchObject({ name: 'mongod', title: 'mongod 8.0.4' });
  });

  it('is not used when it is too old', () => {
    install('mongod', '6.0.19');
    expect(findMongod({ PATH: folder })).toBeUndefined();
  });

  it('that MONGOD_BIN names must be one', () => {
    expect(() => findMongod({ MONGOD_BIN: join(folder, 'nothing') })).toThrow('MONGOD_BIN cannot be run');
  });

  it('is made a set of one member with one user before its address is handed out', async () => {
    const keeper = await start(install('mongod'));
    expect(asked().map(({ name }) => name)).toEqual(['replSetInitiate', 'createUser']);
    expect(asked()[1]?.user).toBe('flowmate');
    expect(readFileSync(join(data, 'db', 'user'), 'utf8')).toBe('of-the-user');
    expect(statSync(join(data, 'keyfile')).mode & 0o777).toBe(0o600);
    const uri = `mongodb://flowmate:pw@127.0.0.1:${keeper.port}/flowmate?authSource=admin&directConnection=true`;
    expect(keeper.variant.uri(keeper.port, 'pw')).toBe(uri);
  });

  it('is not founded twice, and keeps its port', async () => {
    const program = install('mongod');
    const first = await start(program);
    await first.stop();
    const second = await start(program, first.port);
    expect(second.port).toBe(first.port);
    expect(asked().map(({ name }) => name)).toEqual(['replSetInitiate', 'createUser', 'createUser']);
    await second.stop();
    await expect(start(program, first.port + 1)).rejects.toThrow(`was set up for port ${first.port}`);
  });
});

describe('the embedded Mongo', () => {
  it('has the same kind of address', () => {
    expect(EMBEDDED_MONGO.uri(1, 'pw')).toMatch(/^mongodb:\/\/flowmate:pw@127\.0\.0\.1:1\/flowmate\?/);
  });
});
