import { readFileSync } from 'node:fs';

/**
 * @typedef {{ passed: number, failed: number, skipped: number }} Tally
 *
 * @typedef {object} JestResult   what is needed of Jest's --json
 * @property {number} numPassedTests
 * @property {number} numFailedTests
 * @property {number} numPendingTests
 * @property {number} [numTodoTests]
 * @property {{ status: string, assertionResults: { status: string }[] }[]} testResults
 */

/**
 * Counts one suite from Jest's own result, never from its text. A file that failed without a failed test,
 * because it does not load or its clean-up broke, counts as one; so does a suite that ended badly or left
 * no result at all: nothing red may add up to green.
 * @param {string} resultFile
 * @param {number} exitCode   of Jest
 * @returns {Tally}
 */
export function tallySuite(resultFile, exitCode) {
  const result = readResult(resultFile);
  if (!result) return { passed: 0, failed: 1, skipped: 0 };
  const brokenFiles = result.testResults.filter(isBrokenFile).length;
  const failed = result.numFailedTests + brokenFiles;
  return {
    passed: result.numPassedTests,
    failed: failed === 0 && exitCode !== 0 ? 1 : failed,
    skipped: result.numPendingTests + (result.numTodoTests ?? 0),
  };
}

/** @param {JestResult['testResults'][number]} file */
function isBrokenFile(file) {
  return file.status === 'failed' && !file.assertionResults.some(({ status }) => status === 'failed');
}

/**
 * @param {string} path
 * @returns {JestResult | null}
 */
function readResult(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return null; // the suite died before it wrote it, or while it did
  }
}

/**
 * @param {readonly Tally[]} tallies
 * @param {number} [failedBefore]   failures that are no tests, such as a step of the pipeline
 * @returns {Tally}
 */
export function sum(tallies, failedBefore = 0) {
  const total = { passed: 0, failed: failedBefore, skipped: 0 };
  for (const { passed, failed, skipped } of tallies) {
    total.passed += passed;
    total.failed += failed;
    total.skipped += skipped;
  }
  // Nothing ran at all: a wrong path or name must not look like success.
  if (total.passed + total.failed === 0) total.failed = 1;
  return total;
}

/** @param {Tally} tally */
export function closingLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

/**
 * @param {readonly (Tally & { suite: string, seconds: number })[]} rows
 * @returns {string}
 */
export function table(rows) {
  const cells = [
    ['suite', 'passed', 'failed', 'skipped', 'seconds'],
    ...rows.map((row) => [row.suite, `${row.passed}`, `${row.failed}`, `${row.skipped}`, row.seconds.toFixed(1)]),
  ];
  return cells
    .map(([suite = '', ...counts]) => suite.padEnd(6) + counts.map((count) => count.padStart(9)).join(''))
    .join('\n');
}
