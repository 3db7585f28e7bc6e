import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { verifies } from '@flowmate/testing';

const ROOT = join(import.meta.dirname, '..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

/** Each package is somebody else's code that runs with our rights: more than this nobody reviews. */
const MAX_PRODUCTION = 45;

type Packages = Readonly<Record<string, string>>;

const project = JSON.parse(read('package.json')) as Readonly<
  Record<'dependencies' | 'devDependencies' | 'optionalDependencies' | 'overrides', Packages>
>;

/** Package → reason, from the table below a heading of the page. */
function documented(heading: string): Packages {
  const section = read('docs/dependencies.md')
    .split(/^## /m)
    .find((part) => part.startsWith(heading));
  const rows = (section ?? '').matchAll(/^\| `([^`]+)` +\| (.*?) +\|$/gm);
  return Object.fromEntries([...rows].map(([, name = '', why = '']) => [name, why]));
}

describe('the dependencies', () => {
  const kinds = [
    ['Production', 'dependencies'],
    ['Optional', 'optionalDependencies'],
    ['Overrides', 'overrides'],
    ['Development', 'devDependencies'],
  ] as const;

  it.each(kinds)('of the kind %s are those of docs/dependencies.md, in order', (heading, field) => {
    expect(Object.keys(documented(heading))).toEqual(Object.keys(project[field]));
  });

  it.each(kinds)('of the kind %s have a reason each', (heading) => {
    const bare = Object.entries(documented(heading)).filter(([, why]) => !/^\S.{9,120}\.$/.test(why));
    expect(bare).toEqual([]);
  });

  it.each(kinds)('of the kind %s have one exact version each', (_, field) => {
    const loose = Object.entries(project[field]).filter(
      ([, version]) => !/^\d+\.\d+\.\d+(-[a-z0-9.]+)?$/.test(version),
    );
    expect(loose).toEqual([]);
  });

  it('for production are few, and counted in the page', () => {
    const { length } = Object.keys(project.dependencies);
    expect(length).toBeLessThanOrEqual(MAX_PRODUCTION);
    const [heading] = /^## Production.*$/m.exec(read('docs/dependencies.md')) ?? [];
    expect(heading).toBe(`## Production (${length} of at most ${MAX_PRODUCTION})`);
  });
});

describe('the lock file', () => {
  const { packages } = JSON.parse(read('package-lock.json')) as {
    packages: Record<string, { version?: string; integrity?: string; resolved?: string; link?: boolean }>;
  };
  const { '': root, ...installed } = packages as typeof packages & { '': { [field: string]: unknown } };

  it('names no address, so that it installs from any registry', () => {
    const addressed = Object.entries(installed).filter(([, { resolved }]) => resolved?.includes('://'));
    expect(addressed).toEqual([]);
  });

  it('holds a hash of every package', () => {
    const unproven = Object.entries(installed).filter(([, { integrity }]) => !integrity?.startsWith('sha512-'));
    expect(unproven.map(([path]) => path)).toEqual([]);
  });

  it('is that of package.json', () => {
    const { dependencies, devDependencies, optionalDependencies } = project;
    expect(root).toMatchObject({ dependencies, devDependencies, optionalDependencies });
  });
});

describe(verifies('FM-65', 'the audit of dependencies'), () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'flowmate-audit-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** Runs the gate's audit over an npm that answers this, as the real one does: by 1 unless all is well. */
  function audit(answer: string): { status: number | null; stdout: string } {
    writeFileSync(join(folder, 'answer'), answer);
    writeFileSync(join(folder, 'npm'), `#!/bin/sh\ncat '${join(folder, 'answer')}'\nexit 1\n`, { mode: 0o755 });
    const PATH = [folder, dirname(process.execPath), process.env['PATH']].join(delimiter);
    const env = { ...process.env, PATH };
    return spawnSync(process.execPath, ['.ci/audit.mjs'], { cwd: ROOT, env, encoding: 'utf8', timeout: 20_000 });
  }
  const report = (severity: string): string =>
    JSON.stringify({
      vulnerabilities: { leftish: { name: 'leftish', severity, range: '<2.0.0', fixAvailable: true } },
      metadata: { vulnerabilities: {} },
    });

  it('is a step of the gate', () => {
    expect(read('.ci/run')).toMatch(/^step audit node \.ci\/audit\.mjs$/m);
  });

  it.each(['high', 'critical'])('fails on a finding that is %s, and names it', (severity) => {
    const { status, stdout } = audit(report(severity));
    expect(stdout).toContain(`${severity}: leftish <2.0.0 (a fix is available)`);
    expect(status).toBe(1);
  });

  it.each(['low', 'moderate'])('passes with a finding that is %s', (severity) => {
    const { status, stdout } = audit(report(severity));
    expect(stdout).toContain('0 high or critical, 1 lesser findings.');
    expect(status).toBe(0);
  });

  it('says aloud that nothing was audited when the registry does not answer', () => {
    const { status, stdout } = audit(JSON.stringify({ message: 'request to the registry failed', error: {} }));
    expect(stdout).toContain('NOT AUDITED');
    expect(status).toBe(0);
  });

  it.each(['', 'not JSON', JSON.stringify({ message: 'no lock', error: { code: 'ENOLOCK' } })])(
    'fails when npm itself does (%j)',
    (answer) => {
      expect(audit(answer).status).toBe(1);
    },
  );
});
