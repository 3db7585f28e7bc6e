import { measureAuth } from './auth/suite.js';
import { measureHttp } from './http/suite.js';
import { readOptions, USAGE, type BenchOptions } from './options.js';
import { saveReport, type Report } from './report.js';
import { measureManyRuns } from './runs/large.js';
import { measureRuns } from './runs/suite.js';
import { measureSignIn } from './sign-in/suite.js';
import { measureStarts } from './start/suite.js';
import { measureStores } from './stores/suite.js';

// A signal alone would end this process without the event that ends the servers.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

const SUITES: Record<string, (options: BenchOptions) => Promise<Report>> = {
  auth: measureAuth,
  http: measureHttp,
  'many-runs': measureManyRuns,
  runs: measureRuns,
  'sign-in': measureSignIn,
  start: measureStarts,
  stores: measureStores,
};

const asked = readOptions(process.argv.slice(2), Object.keys(SUITES));
const measure = asked && SUITES[asked.suite];
if (measure) {
  const { figures, text } = await measure(asked.options);
  console.log(`\n${text}\n\nwritten to ${saveReport(asked.suite, figures)}`);
} else {
  console.error(`usage: ${USAGE}`);
  process.exitCode = 2;
}
