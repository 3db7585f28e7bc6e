import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

/** `internal` is the one code that no class has: it stands for every error that nobody foresaw. */
const UNFORESEEN = 'internal';

function codesInSources(): string[] {
  const files = globSync('{apps,libs}/*/src/**/*.ts', { cwd: ROOT }).filter((file) => !file.endsWith('.spec.ts'));
  const codes = files.flatMap((file) =>
    [...read(file).matchAll(/readonly code(?:: string)? = '([^']+)'/g)].map(([, code = '']) => code),
  );
  return [...new Set([...codes, UNFORESEEN])].sort();
}

function codesInPage(): string[] {
  return [...read('docs/errors.md').matchAll(/^\| `([^`]+)` \|/gm)].map(([, code = '']) => code);
}

describe('the documented error codes', () => {
  it('are those that the code has, each once', () => {
    expect(codesInPage().sort()).toEqual(codesInSources());
  });

  it('are in alphabetical order, so that a reader finds them', () => {
    expect(codesInPage()).toEqual(codesInPage().sort());
  });

  it('are stable words', () => {
    for (const code of codesInSources()) expect(code).toMatch(/^[a-z]+(_[a-z0-9]+)*$/);
  });

  it('all have a row that the served page can read', () => {
    const rows =
      read('docs/errors.md').match(/^\| `[a-z_0-9]{1,64}` \| \d{3} \| [^|]{1,500} \| [^|]{1,500} \|$/gm) ?? [];
    expect(rows).toHaveLength(codesInSources().length);
  });
});
