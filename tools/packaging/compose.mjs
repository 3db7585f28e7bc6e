import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { ROOT, libraries } from './checkers.mjs';

/** Order and quotes are Prettier's and the author's; `pull_policy` makes image and build one thing. */
const CONFIG = {
  rules: {
    'no-build-and-image': [2, { checkPullPolicy: true }],
    'service-keys-order': 0,
    'services-alphabetical-order': 0,
    'service-dependencies-alphabetical-order': 0,
    'service-ports-alphabetical-order': 0,
    'top-level-properties-order': 0,
    'no-quotes-in-volumes': 0,
  },
  quiet: false,
  debug: false,
  exclude: [],
};

/** @typedef {{ messages: { rule: string, line: number, message: string }[] }} FileReport */

/** The compose file against Compose's own schema and dclint's rules. */
export function checkCompose() {
  const folder = libraries();
  const { DCLinter } = createRequire(join(folder, 'package.json'))('dclint');
  const linter = new DCLinter(CONFIG);
  /** @type {FileReport[]} */
  const lint = linter.lintFiles([join(ROOT, 'docker-compose.yml')], false);
  assert.equal(lint.length, 1, 'dclint did not read docker-compose.yml');
  const faults = lint.flatMap(({ messages }) =>
    messages.map((fault) => `line ${fault.line}: ${fault.rule}: ${fault.message}`),
  );
  assert.deepEqual(faults, []);
  const spoilt = join(folder, 'spoilt.compose.yml');
  writeFileSync(spoilt, 'name: spoilt\nservices:\n  one:\n    image: one:1\n    restrat: always\n');
  const [report] = linter.lintFiles([spoilt], false);
  assert.notEqual(report?.messages.length ?? 0, 0, 'dclint lets an unknown key through');
  return 'docker-compose.yml';
}
