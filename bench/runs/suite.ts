import { describeMachine, textOfMachine } from '../machine.js';
import type { BenchOptions } from '../options.js';
import { megabytes, table, type Report } from '../report.js';
import { median } from '../statistics.js';
import { diskTimes } from './disk.js';
import { roundTrips, sustained, type Sustained, type Times } from './phases.js';
import { processorMs } from './processor.js';
import { selfTimes } from './profile.js';
import { startRuns } from './system.js';

/** Until the compiler has seen every function on the way. */
const WARM_UP_SECONDS = 10;
/** The rate at which accepting is measured. */
const ACCEPT_RATE = 200;
/** At once. */
const CALLERS = [1, 10, 50] as const;

/** Whole runs of two model calls and one tool call, with everything on this machine, by a model that answers at once. */
export async function measureRuns(options: BenchOptions): Promise<Report> {
  const machine = describeMachine();
  const disk = diskTimes();
  const system = await startRuns(options);
  const full: Sustained[] = [];
  const rated: Sustained[] = [];
  const trips: Record<number, Times[]> = {};
  const processor: number[] = [];
  const { processes, storeNames, profiles } = system;
  try {
    await sustained(system, WARM_UP_SECONDS);
    for (let round = 0; round < options.rounds; round += 1) {
      processor.push(processorMs());
      full.push(await sustained(system, options.seconds));
      rated.push(await sustained(system, options.seconds, ACCEPT_RATE));
      for (const callers of CALLERS)
        (trips[callers] ??= []).push(await roundTrips(system, callers, options.seconds / 2));
    }
  } finally {
    await system.stop();
  }
  const profiled = options.isProfiled ? ['api', 'worker'].map((name) => ({ name, ...selfTimes(profiles, name) })) : [];
  const text = [
    textOfMachine(machine),
    `${options.rounds} rounds, medians; ${storeNames.join(', ')}; two model calls and one tool call each`,
    `fdatasync of this disk: p50 ${ms(disk.p50)}, p95 ${ms(disk.p95)}; a run waits for five`,
    `a fixed piece of work on one core: ${ms(median(processor))}, before the rounds ${processor.map((value) => value.toFixed(0)).join(', ')}`,
    '',
    ...table([
      ['', 'accepted/s', 'finished/s', 'POST p50', 'POST p95', 'POST p99'],
      rateRow(`as fast as it goes, ${options.seconds} s`, full),
      rateRow(`${ACCEPT_RATE}/s asked for, ${options.seconds} s`, rated),
    ]),
    '',
    ...table([
      ['POST to the last event of the stream', 'p50', 'p95', 'p99'],
      ...CALLERS.map((callers) => tripRow(callers === 1 ? 'alone' : `${callers} at once`, trips[callers] ?? [])),
    ]),
    '',
    ...table([
      ['process', 'CPU ms/run', 'memory'],
      ...processes.map(({ name }, index) => [
        name,
        median(full.map(({ cpuMsPerRun }) => cpuMsPerRun[index] ?? Number.NaN)).toFixed(2),
        megabytes(median(full.map(({ memoryBytes }) => memoryBytes[index] ?? Number.NaN))),
      ]),
    ]),
    '',
    'commands to MongoDB per run:',
    ...table([['collection and command', 'per run'], ...commandRows(full.at(-1))]),
    ...profiled.flatMap(({ name, functions, owners }) => [
      '',
      ...table([[`self time of the ${name}`, ''], ...functions]),
      '',
      ...table([[`the ${name} by whose code it is`, ''], ...owners]),
    ]),
  ].join('\n');
  return { figures: { machine, options, disk, processor, processes, full, rated, trips, profiled }, text };
}

const ms = (value: number): string => `${value.toFixed(1)} ms`;
const middle = (all: readonly Sustained[], pick: (one: Sustained) => number): number => median(all.map(pick));

const rateRow = (name: string, all: readonly Sustained[]): string[] => [
  name,
  middle(all, ({ acceptedPerSecond }) => acceptedPerSecond).toFixed(0),
  middle(all, ({ finishedPerSecond }) => finishedPerSecond).toFixed(0),
  ms(middle(all, ({ accept }) => accept.p50)),
  ms(middle(all, ({ accept }) => accept.p95)),
  ms(middle(all, ({ accept }) => accept.p99)),
];

const tripRow = (name: string, all: readonly Times[]): string[] => [
  name,
  ...(['p50', 'p95', 'p99'] as const).map((key) => ms(median(all.map((times) => times[key])))),
];

const commandRows = (one: Sustained | undefined): string[][] =>
  Object.entries(one?.commandsPerRun ?? {})
    .sort(([, first], [, second]) => second - first)
    .map(([kind, count]) => [kind, count.toFixed(2)]);
