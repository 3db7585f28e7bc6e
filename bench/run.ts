import { measureLoad } from './http/load.js';
import { measureStart } from './http/start.js';
import { USAGE, readOptions } from './options.js';
import { describeMachine, saveReport, textOf } from './report.js';

// A signal alone would end this process without the event that ends the servers.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

const options = readOptions(process.argv.slice(2));
if (options) {
  const machine = describeMachine();
  const start = await measureStart();
  const load = await measureLoad(options);
  const report = { machine, options, load, start };
  console.log(`\n${textOf(report)}\n\nwritten to ${saveReport(report)}`);
} else {
  console.error(`usage: ${USAGE}`);
  process.exitCode = 2;
}
