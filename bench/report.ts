import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Contender } from './comparison.js';
import { ROOT } from './server-process.js';

const MEGABYTE = 2 ** 20;

/** What a suite measured: the figures to keep and the words to show. */
export interface Report {
  readonly figures: object;
  readonly text: string;
}

/** Figures without a machine are worth nothing, so each file names its own. */
export function saveReport(suite: string, figures: object): string {
  const folder = join(ROOT, 'bench', 'results');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${suite}.json`), `${JSON.stringify(figures, rounded, 2)}\n`);
  return `bench/results/${suite}.json`;
}

/** Four digits say all that a measurement of seconds can. */
function rounded(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value;
}

/** The first column to the left, the others to the right. */
export function table(rows: ReadonlyArray<readonly string[]>): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  '),
  );
}

export const percent = (ratio: number): string => `${Math.round(ratio * 100)} %`;
export const megabytes = (bytes: number): string => `${(bytes / MEGABYTE).toFixed(1)} MB`;

const HEAD = ['', 'req/s', 'spread', 'p50 ms', 'p99 ms', 'of bare', 'cpu µs/req', 'cpu: bare of it'];

/** One line for each of those that were compared. */
export const comparisonTable = (all: readonly Contender[]): string[] =>
  table([
    HEAD,
    ...all.map((row) => [
      row.name,
      Math.round(row.requestsPerSecond).toLocaleString('en'),
      percent(row.spread),
      row.p50Ms.toFixed(0),
      row.p99Ms.toFixed(0),
      percent(row.ratioToBare),
      row.cpuMicrosPerRequest.toFixed(1),
      percent(row.cpuRatioToBare),
    ]),
  ]);
