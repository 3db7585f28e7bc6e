import { execFileSync } from 'node:child_process';
import { cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { VIOLATIONS } from './violations.table.js';

const ROOT = join(import.meta.dirname, '..');

interface Finding {
  readonly filename: string;
  readonly code: string;
  readonly message: string;
  readonly help?: string;
}

/** Plants files in an empty tree with the project's own rules and answers what the linter says of each. */
function lint(files: Readonly<Record<string, string>>): Finding[] {
  const tree = mkdtempSync(join(tmpdir(), 'flowmate-boundaries-'));
  try {
    cpSync(join(ROOT, 'oxlint.config.ts'), join(tree, 'oxlint.config.ts'));
    symlinkSync(join(ROOT, 'node_modules'), join(tree, 'node_modules'));
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(tree, path)), { recursive: true });
      writeFileSync(join(tree, path), content);
    }
    return run(tree);
  } finally {
    rmSync(tree, { recursive: true });
  }
}

function run(cwd: string): Finding[] {
  const args = [
    join(ROOT, 'node_modules/oxlint/bin/oxlint'),
    '--format',
    'json',
    '-c',
    'oxlint.config.ts',
    'apps',
    'libs',
  ];
  let output: string;
  try {
    output = execFileSync(process.execPath, args, {
      cwd,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 30_000,
    });
  } catch (error) {
    output = (error as { stdout: string }).stdout;
  }
  return (JSON.parse(output) as { diagnostics: Finding[] }).diagnostics;
}

describe('the boundaries', () => {
  const planted = Object.assign({}, ...VIOLATIONS.map(({ files }) => files)) as Record<string, string>;
  let findings: Finding[];

  beforeAll(() => {
    findings = lint(planted);
  });

  it.each(VIOLATIONS)('refuse $violation', ({ files, rule }) => {
    const [path] = Object.keys(files);
    const codes = findings.filter(({ filename }) => filename === path).map(({ code }) => code);
    expect(codes).toContain(rule);
  });

  it('accept what the architecture allows', () => {
    const allowed = lint({
      'libs/domain/src/money.ts': "import { add } from './add.js';\nexport const sum = add(1, 2);\n",
      'libs/egress/src/client.ts':
        "import { Agent } from 'undici';\nimport { DomainError } from '@flowmate/domain';\nexport const parts = [Agent, DomainError];\n",
      'apps/api/src/agents/agents.service.ts':
        "import { DomainError } from '@flowmate/domain';\nexport const parts = [DomainError];\n",
      'apps/api/src/agents/agents.spec.ts':
        "import { spawn } from 'node:child_process';\nexport const parts = [spawn, process.env];\n",
    });
    expect(allowed).toEqual([]);
  });
});

describe('the tree', () => {
  const sources = globSync('{apps,libs}/*/src/**/*.ts', { cwd: ROOT }).filter((path) => !path.includes('/generated/'));

  it('re-exports by name only', () => {
    const stars = sources.filter((path) => /^export \*/m.test(readFileSync(join(ROOT, path), 'utf8')));
    expect(stars).toEqual([]);
  });

  it('has no barrels inside apps and no utils anywhere', () => {
    const refused = sources.filter(
      (path) => /^apps\/.*\/index\.ts$/.test(path) || /(^|\/)(utils?|helpers?|common|shared|misc)(\/|\.)/.test(path),
    );
    expect(refused).toEqual([]);
  });

  it('gives every library a README of at most 30 lines', () => {
    const long = globSync('libs/*/', { cwd: ROOT })
      .map((library) => ({
        library,
        lines: readFileSync(join(ROOT, library, 'README.md'), 'utf8').split('\n').length - 1,
      }))
      .filter(({ lines }) => lines > 30);
    expect(long).toEqual([]);
  });
});
