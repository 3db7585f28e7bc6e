import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@flowmate/testing';
import { freePort } from './address.ts';
import { Keeper } from './keeper.ts';
import { answers } from './knock.ts';
import type { Limits } from './limits.ts';
import type { LogLine } from './log.ts';
import type { StoresError } from './stores-error.ts';
import type { Variant } from './variant.ts';

type Behaviour = 'echo' | 'silent' | 'ending' | 'refusing';

const FAKE = join(__dirname, 'testing', 'fake-server.ts');

let folder: string;
let keepers: Keeper[];
let lines: LogLine[];
let givenUp: StoresError | undefined;

function fake(behaviours: readonly [Behaviour, ...Behaviour[]]): Variant {
  const left = [...behaviours];
  const next = (): Behaviour => (left.length > 1 ? left.shift() : left[0]) ?? behaviours[0];
  return {
    name: 'fake',
    store: 'redis',
    title: 'a fake server',
    prepare: ({ port }) => ({
      command: [process.execPath, FAKE, '--port', `${port}`, '--behaviour', next()],
    }),
    untilReady: (_place, _child, listening) => listening,
    knock: Buffer.from('knock'),
    uri: (port) => `fake://${port}`,
  };
}

const log = (line: LogLine): void => void lines.push(line);

function keep(behaviours: readonly [Behaviour, ...Behaviour[]], limits: Partial<Limits> = {}): Keeper {
  const keeper = new Keeper({
    variant: fake(behaviours),
    place: { folder, port: 0, password: 'secret' },
    log,
    onProcess: () => undefined,
    onGivenUp: (error) => (givenUp = error),
    limits,
  });
  keepers.push(keeper);
  return keeper;
}

const pidOf = (keeper: Keeper): number => {
  if (!keeper.process) throw new Error('It does not run.');
  return keeper.process.pid;
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flowmate-keeper-'));
  keepers = [];
  lines = [];
  givenUp = undefined;
});
afterEach(async () => {
  for (const keeper of keepers) await keeper.stop();
  rmSync(folder, { recursive: true });
});

describe('a server that crashes', () => {
  it('is started again on the same port within a second', async () => {
    const keeper = keep(['echo']);
    await keeper.start();
    const { port } = keeper;
    const pid = pidOf(keeper);
    const started = performance.now();
    process.kill(pid, 'SIGKILL');
    await eventually(() => expect(lines).toContainEqual(expect.objectContaining({ message: 'is ready again' })));
    expect(performance.now() - started).toBeLessThan(1_000);
    expect(keeper.port).toBe(port);
    expect(pidOf(keeper)).not.toBe(pid);
    expect(await answers(port, Buffer.from('x'), 1_000)).toBe(true);
  });

  it('stays down after five times within a minute, with its last words', async () => {
    const keeper = keep(['echo', 'ending'], { backoffMs: 1 });
    await keeper.start();
    process.kill(pidOf(keeper), 'SIGKILL');
    await eventually(() => expect(givenUp?.message).toContain('crashed 5 times within 60 s'), 10_000);
    expect(givenUp?.message).toContain('something inside broke');
    expect(keeper.process).toBeUndefined();
  }, 15_000);

  it('is not started again after a stop', async () => {
    const keeper = keep(['echo']);
    await keeper.start();
    const { port } = keeper;
    await keeper.stop();
    expect(keeper.process).toBeUndefined();
    const other = createServer().listen(port, '127.0.0.1'); // nobody has the port any more
    await once(other, 'listening');
    other.close();
    expect(lines).toEqual([]);
  });
});

it('gives up on a server that cannot even be prepared again', async () => {
  let times = 0;
  const variant = fake(['echo']);
  const prepare: Variant['prepare'] = (place) => {
    times += 1;
    if (times > 1) throw new Error('no space left');
    return variant.prepare(place);
  };
  const onGivenUp = (error: StoresError): void => void (givenUp = error);
  const place = { folder, port: 0, password: '' };
  const keeper = new Keeper({ variant: { ...variant, prepare }, place, log, onProcess: () => undefined, onGivenUp });
  keepers.push(keeper);
  await keeper.start();
  process.kill(pidOf(keeper), 'SIGKILL');
  await eventually(() => expect(givenUp?.message).toMatch(/a fake server cannot be started again: .*no space left/));
});

describe('a server that hangs', () => {
  it('is killed and started again when it has been silent for too long', async () => {
    const keeper = keep(['silent', 'echo'], { probeEveryMs: 20, silenceMs: 100 });
    await keeper.start();
    const pid = pidOf(keeper);
    await eventually(() => expect(lines.map(({ message }) => message)).toContain('is ready again'));
    expect(lines[0]?.message).toContain('has not answered for 0.1 s and is killed');
    expect(pidOf(keeper)).not.toBe(pid);
  });

  it('is left alone while it answers', async () => {
    const keeper = keep(['echo'], { probeEveryMs: 5, silenceMs: 1_000 });
    await keeper.start();
    const pid = pidOf(keeper);
    for (let asked = 0; asked < 30; asked += 1) await answers(keeper.port, Buffer.from('x'), 1_000);
    expect(pidOf(keeper)).toBe(pid);
    expect(lines).toEqual([]);
  });
});

describe('a server that does not start', () => {
  it('says why, and is not tried again', async () => {
    const keeper = keep(['refusing']);
    await expect(keeper.start()).rejects.toThrow(/a fake server did not start.\n {4}this port is taken/);
    expect(keeper.process).toBeUndefined();
    expect(givenUp).toBeUndefined();
  });

  it('is given a limited time', async () => {
    const variant: Variant = { ...fake(['echo']), untilReady: () => new Promise(() => undefined) };
    const place = { folder, port: await freePort(), password: '' };
    const silent = { log: () => undefined, onProcess: () => undefined, onGivenUp: () => undefined };
    const keeper = new Keeper({ variant, place, ...silent, limits: { readyMs: 300 } });
    keepers.push(keeper);
    await expect(keeper.start()).rejects.toThrow('a fake server was not ready within 0.3 s');
  });
});
