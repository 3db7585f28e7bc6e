import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { verifies } from '@flowmate/testing';
import { combined, sourceDigests } from './content-hash.mjs';
import { childEnvironment } from './environment.mjs';
import { claim } from './lock.mjs';
import { findRuntime } from './runtime.mjs';
import { closingLine, sum, tallySuite } from './tally.mjs';
import { readTestOptions } from './test-options.mjs';

let folder: string;
const path = (name: string): string => join(folder, name);
const write = (name: string, content: string): void => {
  mkdirSync(dirname(path(name)), { recursive: true });
  writeFileSync(path(name), content);
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flowmate-launcher-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the hash of the sources', () => {
  const hash = (): string => combined(sourceDigests(folder));

  it('follows content and names, not times', () => {
    write('libs/a/src/index.ts', 'one');
    const before = hash();
    utimesSync(path('libs/a/src/index.ts'), 1, 1);
    expect(hash()).toBe(before);
    write('libs/a/src/index.ts', 'two');
    expect(hash()).not.toBe(before);
    write('libs/a/src/index.ts', 'one');
    expect(hash()).toBe(before);
    write('libs/a/src/other.ts', '');
    expect(hash()).not.toBe(before);
  });

  it('sees what configures the build and nothing that is not built', () => {
    write('libs/a/src/index.ts', 'one');
    const before = hash();
    for (const name of [
      'libs/a/src/index.spec.ts',
      'libs/a/README.md',
      'apps/api/test/x.e2e-spec.ts',
      'libs/testing/src/x.ts',
    ])
      write(name, 'x');
    expect(hash()).toBe(before);
    const seen = ['nest-cli.json', 'tsconfig.json', '.swcrc', 'package-lock.json'].map((name) => {
      write(name, 'x');
      return hash();
    });
    expect(new Set([before, ...seen]).size).toBe(5);
  });
});

describe('the lock', () => {
  /** A process of its own that claims, says what it got, and stays until killed. */
  async function contend(): Promise<{ got: string; kill: () => Promise<unknown> }> {
    const code = `import { claim } from ${JSON.stringify(join(import.meta.dirname, 'lock.mjs'))};
      const { lock } = await claim(${JSON.stringify(folder)}, 'start');
      process.stdout.write(lock ? 'held' : 'refused');
      setInterval(() => undefined, 1_000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [got] = (await once(child.stdout, 'data')) as [Buffer];
    const kill = (): Promise<unknown> => {
      child.kill('SIGKILL');
      return once(child, 'exit');
    };
    return { got: String(got), kill };
  }

  it('has one holder among many that come at once, also when it finds a stale one', async () => {
    for (const round of [1, 2]) {
      const contenders = await Promise.all(Array.from({ length: 5 }, contend));
      expect([round, contenders.map(({ got }) => got).sort()]).toEqual([
        round,
        ['held', 'refused', 'refused', 'refused', 'refused'],
      ]);
      await Promise.all(contenders.map(({ kill }) => kill()));
    }
    const { lock } = await claim(folder, 'start');
    expect(lock?.abandoned).toHaveLength(2);
    lock?.forgetAbandoned();
    lock?.release();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('does not take a later process with the same number for the holder', async () => {
    write(`start.${process.pid}.0123456789ab.lock`, '{"state":"held","since":"2026-01-01T00:00:00Z"}');
    const { lock } = await claim(folder, 'start');
    expect(lock?.abandoned.map(({ pid }) => pid)).toEqual([process.pid]);
  });

  it('keeps the folder to its owner', async () => {
    await claim(path('home'), 'start');
    expect(statSync(path('home')).mode & 0o777).toBe(0o700);
  });
});

describe('the tally', () => {
  const passed = { status: 'passed', assertionResults: [{ status: 'passed' }] };
  const broken = { status: 'failed', assertionResults: [] };
  const result = (more: object): string => {
    const zero = { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0, testResults: [] };
    write('result.json', JSON.stringify({ ...zero, ...more }));
    return path('result.json');
  };

  it('sums suites into one line', () => {
    const unit = tallySuite(result({ numPassedTests: 3, testResults: [passed] }), 0);
    const failing = { status: 'failed', assertionResults: [{ status: 'failed' }] };
    const int = tallySuite(
      result({ numPassedTests: 1, numFailedTests: 2, numPendingTests: 4, testResults: [failing] }),
      1,
    );
    expect(closingLine(sum([unit]))).toBe('3 passed, 0 failed');
    expect(closingLine(sum([unit, int]))).toBe('4 passed, 2 failed, 4 skipped');
    expect(closingLine(sum([unit], 2))).toBe('3 passed, 2 failed');
  });

  it('counts as failed what left no result, a file that does not load, and a bad end without a reason', () => {
    expect(tallySuite(path('nothing.json'), 0).failed).toBe(1);
    write('cut.json', '{"numPassedTests": 3');
    expect(tallySuite(path('cut.json'), 0).failed).toBe(1);
    expect(tallySuite(result({ numPassedTests: 1, testResults: [passed, broken, broken] }), 1).failed).toBe(2);
    expect(tallySuite(result({ numPassedTests: 1, testResults: [passed] }), 1).failed).toBe(1);
  });

  it('does not call it a success when nothing ran', () => {
    expect(closingLine(sum([tallySuite(result({ numPendingTests: 2 }), 0)]))).toBe('0 passed, 1 failed, 2 skipped');
    expect(closingLine(sum([]))).toBe('0 passed, 1 failed');
  });
});

describe(verifies('FM-84', 'npm test'), () => {
  it('runs all suites, or those that are named, and hands everything else to Jest', () => {
    expect(readTestOptions([])).toEqual({ suites: ['unit', 'int', 'e2e'], failedBefore: [], jestArgs: ['-w', '2'] });
    const args = ['--int', '--failed-before=format,chaos', 'libs/egress', '-t', 'refuses', '-i'];
    expect(readTestOptions(args)).toEqual({
      suites: ['int'],
      failedBefore: ['format', 'chaos'],
      jestArgs: ['libs/egress', '-t', 'refuses', '-i'],
    });
  });
});

describe('the runtime', () => {
  it('is the installed Node, else a new enough running one', () => {
    const running = { version: '24.9.0', execPath: '/some/node' };
    expect(findRuntime(folder, running)).toBe('/some/node');
    write('node_modules/.bin/node', '');
    expect(findRuntime(folder, running)).toBe(path('node_modules/.bin/node'));
  });

  it('says what to do where there is none', () => {
    expect(() => findRuntime(folder, { version: '24.8.0' })).toThrow(/Install Node 24/);
  });

  it('gives children defaults only where neither the environment nor .env says anything', () => {
    write('.env', 'LOG_FORMAT=json');
    const ports = { PORT: '9000', WORKER_PORT: '9091', METRICS_PORT: '9090', WORKER_SHUTDOWN_TIMEOUT_MS: '8000' };
    expect(childEnvironment(folder, { A: 'b' })).toEqual({ A: 'b', NODE_ENV: 'development', ...ports });
    expect(childEnvironment(folder, { NODE_ENV: 'test', PORT: '1' })).toEqual({
      NODE_ENV: 'test',
      ...ports,
      PORT: '1',
    });
    const { PORT: _, ...others } = ports;
    expect(childEnvironment(folder, { SERVER_PORT: '1' })).toEqual({
      NODE_ENV: 'development',
      SERVER_PORT: '1',
      ...others,
    });
  });
});
