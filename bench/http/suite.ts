import { CONNECTIONS } from '../comparison.js';
import { describeMachine, textOfMachine } from '../machine.js';
import type { BenchOptions } from '../options.js';
import { comparisonTable, megabytes, type Report } from '../report.js';
import { measureLoad } from './load.js';
import { measureStart } from './start.js';

/** What a request and a start of the api cost. */
export async function measureHttp(options: BenchOptions): Promise<Report> {
  const machine = describeMachine();
  const start = await measureStart();
  const load = await measureLoad(options);
  const text = [
    textOfMachine(machine),
    `${CONNECTIONS} connections, ${options.rounds} rounds of ${options.seconds} s each, medians`,
    '',
    ...comparisonTable(load),
    '',
    `api, from spawn to the first answer: ${Math.round(start.coldStartMs)} ms`,
    `api, memory after that: ${megabytes(start.memoryBytes)}`,
    `compiled code: ${megabytes(start.builtBytes)}, installed dependencies with tools: ${megabytes(start.dependenciesBytes)}`,
  ].join('\n');
  return { figures: { machine, options, load, start }, text };
}
