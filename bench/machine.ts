import { cpus, loadavg, totalmem } from 'node:os';

const GIGABYTE = 2 ** 30;

export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly node: string;
  readonly date: string;
  /** Processes that wanted a core in the minute before: with one per core, the figures are of little use. */
  readonly loadBefore: number;
}

/** To be asked before anything is measured. */
export function describeMachine(): Machine {
  const cores = cpus();
  return {
    processor: cores[0]?.model ?? 'unknown',
    cores: cores.length,
    memoryGb: Math.round(totalmem() / GIGABYTE),
    node: process.version,
    date: new Date().toISOString().slice(0, 10),
    loadBefore: loadavg()[0] ?? 0,
  };
}

export const textOfMachine = ({ processor, cores, memoryGb, node, date, loadBefore }: Machine): string =>
  `${processor}, ${cores} cores, ${memoryGb} GB, Node ${node}, ${date}; load before: ${loadBefore.toFixed(1)}`;
