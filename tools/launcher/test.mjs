import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from './build.mjs';
import { install } from './install.mjs';
import { prepare } from './prepare.mjs';
import { ROOT } from './project.mjs';
import { runCommand } from './run-command.mjs';
import { findRuntime } from './runtime.mjs';
import { onStopWish } from './signals.mjs';
import { closingLine, sum, table, tallySuite } from './tally.mjs';
import { createTerminal, exitCodeOf } from './terminal.mjs';
import { readTestOptions } from './test-options.mjs';

/** @typedef {import('./tally.mjs').Tally & { suite: string, seconds: number }} Row */

const JEST = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', 'node_modules/jest/bin/jest.js'];

const stopping = new AbortController();
onStopWish({ stop: () => stopping.abort(), force: () => process.exit(1) });
const terminal = createTerminal();
const options = readTestOptions(process.argv.slice(2));
/** @type {Row[]} */
const rows = [];

const exitCode = await exitCodeOf(terminal, stopping.signal, async () => {
  await prepare({ root: ROOT, signal: stopping.signal, terminal }, [install, build]);
  for (const suite of options.suites) {
    rows.push(await runSuite(suite));
    stopping.signal.throwIfAborted();
  }
  return 0;
}).catch((error) => {
  terminal.complain(String(error?.stack ?? error)); // a fault of ours: it has to count, not to hide the line
  return 1;
});
const wasStopped = stopping.signal.aborted;
const total = sum(rows, options.failedBefore.length + (exitCode !== 0 || wasStopped ? 1 : 0));
if (rows.length > 0) terminal.say(`\n${table(rows)}\n`);
if (options.failedBefore.length > 0) terminal.say(`failed before the tests: ${options.failedBefore.join(', ')}\n`);
terminal.say(closingLine(total));
process.exit(total.failed > 0 ? 1 : 0);

/**
 * Jest writes its report for people to standard error and its result to a file.
 * @param {string} suite
 * @returns {Promise<Row>}
 */
async function runSuite(suite) {
  const started = performance.now();
  const folder = mkdtempSync(join(tmpdir(), 'flowmate-test-'));
  const resultFile = join(folder, 'result.json');
  const { CI, NO_COLOR } = process.env;
  const colours = CI || NO_COLOR ? ['--no-color'] : [];
  const own = ['--selectProjects', suite, '--json', `--outputFile=${resultFile}`, '--passWithNoTests', ...colours];
  try {
    const { code } = await runCommand(findRuntime(ROOT), [...JEST, ...own, ...options.jestArgs], {
      cwd: ROOT,
      env: process.env,
      signal: stopping.signal,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    return { suite, ...tallySuite(resultFile, code), seconds: (performance.now() - started) / 1_000 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
