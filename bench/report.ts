import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { CONNECTIONS, type Contender } from './http/load.js';
import type { StartFigures } from './http/start.js';
import type { BenchOptions } from './options.js';
import { ROOT } from './server-process.js';

const MEGABYTE = 1_048_576;

export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly node: string;
  readonly date: string;
  /** Processes that wanted a core in the minute before: with one per core, the figures are of little use. */
  readonly loadBefore: number;
}

export interface Report {
  readonly machine: Machine;
  readonly options: BenchOptions;
  readonly load: readonly Contender[];
  readonly start: StartFigures;
}

/** To be asked before anything is measured. */
export function describeMachine(): Machine {
  const cores = cpus();
  return {
    processor: cores[0]?.model ?? 'unknown',
    cores: cores.length,
    memoryGb: Math.round(totalmem() / MEGABYTE / 1_024),
    node: process.version,
    date: new Date().toISOString().slice(0, 10),
    loadBefore: loadavg()[0] ?? 0,
  };
}

/** Figures without a machine are worth nothing, so each file names its own. */
export function saveReport(report: Report): string {
  const folder = join(ROOT, 'bench', 'results');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'http.json'), `${JSON.stringify(report, rounded, 2)}\n`);
  return 'bench/results/http.json';
}

/** Four digits say all that a measurement of seconds can. */
function rounded(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value;
}

export function textOf({ machine, options, load, start }: Report): string {
  const rows = load.map((row) => [
    row.name,
    Math.round(row.requestsPerSecond).toLocaleString('en'),
    percent(row.spread),
    row.p50Ms.toFixed(0),
    row.p99Ms.toFixed(0),
    percent(row.ratioToBare),
    row.cpuMicrosPerRequest.toFixed(1),
    percent(row.cpuRatioToBare),
  ]);
  const head = ['', 'req/s', 'spread', 'p50 ms', 'p99 ms', 'of bare', 'cpu µs/req', 'cpu: bare of it'];
  return [
    `${machine.processor}, ${machine.cores} cores, ${machine.memoryGb} GB, Node ${machine.node}, ${machine.date}`,
    `${CONNECTIONS} connections, ${options.rounds} rounds of ${options.seconds} s each, medians; load before: ${machine.loadBefore.toFixed(1)}`,
    '',
    ...table([head, ...rows]),
    '',
    `api, from spawn to the first answer: ${Math.round(start.coldStartMs)} ms`,
    `api, memory after that: ${megabytes(start.memoryBytes)}`,
    `compiled code: ${megabytes(start.builtBytes)}, installed dependencies with tools: ${megabytes(start.dependenciesBytes)}`,
  ].join('\n');
}

function table(rows: ReadonlyArray<readonly string[]>): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  '),
  );
}

const percent = (ratio: number): string => `${Math.round(ratio * 100)} %`;
const megabytes = (bytes: number): string => `${(bytes / MEGABYTE).toFixed(1)} MB`;
