// Checks the chart, the compose file and the workflow with the programs that know them. Without a registry, and with
// nothing fetched before, it says what it skipped; with --strict that is a failure, too.
import { checkChart } from './chart.mjs';
import { Unreachable } from './checkers.mjs';
import { checkCompose } from './compose.mjs';
import { checkWorkflows } from './workflow.mjs';

const strict = process.argv.includes('--strict');
const checks = { chart: checkChart, compose: checkCompose, workflow: checkWorkflows };

for (const [name, check] of Object.entries(checks)) {
  const started = performance.now();
  try {
    const what = await check();
    process.stdout.write(`${name}: ok, ${what} (${((performance.now() - started) / 1000).toFixed(1)} s)\n`);
  } catch (error) {
    const skipped = error instanceof Unreachable && !strict;
    if (!skipped) process.exitCode = 1;
    const message = error instanceof Error ? error.message : String(error);
    process.stdout.write(`${name}: ${skipped ? 'SKIPPED' : 'FAILED'}, ${message}\n`);
  }
}
