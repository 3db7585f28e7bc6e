import { describeMachine, textOfMachine } from '../machine.js';
import type { BenchOptions } from '../options.js';
import { megabytes, percent, table, type Report } from '../report.js';
import { CONNECTIONS, measureLoad, type Contender } from './load.js';
import { measureStart } from './start.js';

const HEAD = ['', 'req/s', 'spread', 'p50 ms', 'p99 ms', 'of bare', 'cpu µs/req', 'cpu: bare of it'];

/** What a request and a start of the api cost. */
export async function measureHttp(options: BenchOptions): Promise<Report> {
  const machine = describeMachine();
  const start = await measureStart();
  const load = await measureLoad(options);
  const text = [
    textOfMachine(machine),
    `${CONNECTIONS} connections, ${options.rounds} rounds of ${options.seconds} s each, medians`,
    '',
    ...table([HEAD, ...load.map(rowOf)]),
    '',
    `api, from spawn to the first answer: ${Math.round(start.coldStartMs)} ms`,
    `api, memory after that: ${megabytes(start.memoryBytes)}`,
    `compiled code: ${megabytes(start.builtBytes)}, installed dependencies with tools: ${megabytes(start.dependenciesBytes)}`,
  ].join('\n');
  return { figures: { machine, options, load, start }, text };
}

const rowOf = (row: Contender): string[] => [
  row.name,
  Math.round(row.requestsPerSecond).toLocaleString('en'),
  percent(row.spread),
  row.p50Ms.toFixed(0),
  row.p99Ms.toFixed(0),
  percent(row.ratioToBare),
  row.cpuMicrosPerRequest.toFixed(1),
  percent(row.cpuRatioToBare),
];
