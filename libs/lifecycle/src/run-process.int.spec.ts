import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { eventually, spawnTypeScript, verifies } from '@flowmate/testing';

type Said = Record<string, unknown>;

const CHILD = join(__dirname, '..', 'test', 'child.ts');
const children = new Set<ChildProcess>();

interface Begun {
  readonly child: ChildProcess;
  readonly said: Said[];
  /** Exit code and signal, once everything that was said has arrived. */
  readonly ended: Promise<[number | null, string | null]>;
}

/** Starts the child process in a mode, and collects what it says. */
function begin(mode: string, argument = '', ipc = false): Begun {
  const child = spawnTypeScript(
    CHILD,
    [mode, argument],
    ['ignore', 'pipe', 'inherit', ...(ipc ? ['ipc' as const] : [])],
  );
  children.add(child);
  const said: Said[] = [];
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
  lines.on('line', (line) => said.push(JSON.parse(line) as Said));
  const ended = Promise.all([once(child, 'exit'), once(lines, 'close')]).then(
    ([[code, signal]]) => [code, signal] as [number | null, string | null],
  );
  return { child, said, ended };
}

async function started(mode: string, argument?: string, ipc?: boolean): Promise<Begun> {
  const begun = begin(mode, argument, ipc);
  await eventually(() => expect(begun.said).toContainEqual({ event: 'info', message: 'api started' }), 15_000);
  return begun;
}

afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  children.clear();
});

jest.setTimeout(30_000);

describe(verifies('R24', 'being told to stop'), () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('%s stops everything in order and exits 0', async (signal) => {
    const { child, said, ended } = await started('runs');
    child.kill(signal);
    expect(await ended).toEqual([0, null]);
    expect(said.slice(1)).toEqual([
      { event: 'info', message: 'api stops', signal },
      { event: 'queue stopped' },
      { event: 'info', message: 'api stopped' },
    ]);
  });

  it('exits 1 and names what hung when it takes too long', async () => {
    const { child, said, ended } = await started('hangs', '300');
    child.kill('SIGTERM');
    expect(await ended).toEqual([1, null]);
    expect(said.at(-1)).toMatchObject({ event: 'fatal', message: 'api did not stop in time', phase: 'queue' });
  });

  it('stops once for signals that come together, and at once for a later one', async () => {
    const { child, said, ended } = await started('hangs', '20000');
    child.kill('SIGTERM');
    child.kill('SIGINT');
    await eventually(() => expect(said).toContainEqual(expect.objectContaining({ message: 'api stops' })));
    const told = performance.now();
    const again = setInterval(() => child.kill('SIGINT'), 200);
    expect(await ended).toEqual([1, null]);
    clearInterval(again);
    expect(performance.now() - told).toBeGreaterThan(900);
    expect(said.filter(({ message }) => message === 'api stops')).toHaveLength(1);
  });

  it('stops when its supervisor is gone', async () => {
    const { child, said, ended } = await started('runs', '', true);
    child.disconnect();
    expect(await ended).toEqual([0, null]);
    expect(said).toContainEqual({ event: 'info', message: 'api stops', signal: 'disconnect' });
  });

  it('ends although the reader of its log hangs', async () => {
    const { child, ended } = await started('log-stuck');
    child.kill('SIGTERM');
    expect(await ended).toEqual([null, 'SIGKILL']);
  });
});

describe(verifies('R26', 'an error that nothing handled'), () => {
  it.each([
    ['throws', 'nobody caught this'],
    ['rejects', 'nobody awaited this'],
  ])('is told, drained and exits 1 (%s)', async (mode, error) => {
    const { said, ended } = begin(mode);
    expect(await ended).toEqual([1, null]);
    expect(said).toContainEqual({ event: 'fatal', message: 'api met an error that nothing handled', error });
    expect(said).toContainEqual({ event: 'queue stopped' });
  });

  it('exits 1 after the limit when draining hangs', async () => {
    const { said, ended } = begin('throws-and-hangs', '300');
    expect(await ended).toEqual([1, null]);
    expect(said.at(-1)).toMatchObject({ message: 'api did not stop in time', phase: 'queue' });
  });
});

describe('a start that fails', () => {
  it('exits as the error says and tells every problem', async () => {
    const { said, ended } = begin('start-fails');
    expect(await ended).toEqual([78, null]);
    expect(said.map(({ message }) => message)).toEqual(['Two problems:', '  A: bad', '  B: worse']);
  });

  it('says which port is taken and which setting changes it', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const { said, ended } = begin('port-taken', String(port));
    expect(await ended).toEqual([1, null]);
    expect(said.at(-1)?.['message']).toBe(
      `Port ${port} is in use by another program. End that program, or start with METRICS_PORT=<another port>.`,
    );
    other.close();
  });
});
