import { setTimeout as delay } from 'node:timers/promises';
import { Caller } from './caller.js';
import { commandsOf, finishedOf, samplesOf, type Sample } from './metrics.js';
import { cpuOf, memoryOf, type RunsSystem } from './system.js';

export interface Times {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

export function timesOf(values: readonly number[]): Times {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}

export interface Sustained {
  readonly seconds: number;
  readonly acceptedPerSecond: number;
  readonly finishedPerSecond: number;
  readonly accept: Times;
  /** Milliseconds of processor for each run, by process. */
  readonly cpuMsPerRun: readonly number[];
  readonly memoryBytes: readonly number[];
  /** Commands for each run, by collection and kind. */
  readonly commandsPerRun: Readonly<Record<string, number>>;
}

/** Accepted and not finished: enough that the worker never waits for the client. */
const AHEAD = 300;
const LOOK_MS = 250;
const TICK_MS = 10;
/** As many requests at once as keep the api busy and no more. */
const CONNECTIONS = 16;

async function counted({
  workerMetrics,
  apiMetrics,
}: RunsSystem): Promise<{ worker: Sample[]; all: Map<string, number> }> {
  const [worker, api] = await Promise.all([samplesOf(workerMetrics), samplesOf(apiMetrics)]);
  return { worker, all: commandsOf([...worker, ...api]) };
}

/** As many runs as the system finishes, with so many waiting that it is never idle. `perSecond` keeps it to a rate. */
export async function sustained(system: RunsSystem, seconds: number, perSecond?: number): Promise<Sustained> {
  const caller = new Caller(system, CONNECTIONS);
  const accept: number[] = [];
  const before = await counted(system);
  const cpuBefore = cpuOf(system);
  const started = performance.now();
  const first = finishedOf(before.worker);
  let [finished, asked, underWay, isOver] = [first, 0, 0, false];
  const looking = (async () => {
    while (!isOver) {
      finished = finishedOf(await samplesOf(system.workerMetrics));
      await delay(LOOK_MS);
    }
  })();
  const one = async (): Promise<void> => {
    underWay += 1;
    const at = performance.now();
    await caller.start().finally(() => (underWay -= 1));
    accept.push(performance.now() - at);
  };
  while (performance.now() - started < seconds * 1_000) {
    const due =
      perSecond === undefined ? Number.POSITIVE_INFINITY : ((performance.now() - started) / 1_000) * perSecond;
    while (underWay < CONNECTIONS && asked < due && asked - (finished - first) < AHEAD) {
      asked += 1;
      void one();
    }
    await delay(TICK_MS);
  }
  isOver = true;
  await looking;
  const after = await counted(system);
  const wall = (performance.now() - started) / 1_000;
  const done = finishedOf(after.worker) - first;
  const cpu = cpuOf(system).map((value, index) => ((value - (cpuBefore[index] ?? 0)) * 1_000) / done);
  const commands = [...after.all].map(([kind, value]) => [kind, (value - (before.all.get(kind) ?? 0)) / done] as const);
  while (underWay > 0) await delay(TICK_MS);
  await untilFinished(system, first + asked);
  caller.close();
  return {
    seconds: wall,
    acceptedPerSecond: accept.length / wall,
    finishedPerSecond: done / wall,
    accept: timesOf(accept),
    cpuMsPerRun: cpu,
    memoryBytes: memoryOf(system),
    commandsPerRun: Object.fromEntries(commands.filter(([, value]) => value > 0.01)),
  };
}

const LATE_MS = 60_000;

export async function untilFinished(system: RunsSystem, count: number): Promise<void> {
  const deadline = performance.now() + LATE_MS;
  while (finishedOf(await samplesOf(system.workerMetrics)) < count) {
    if (performance.now() > deadline) throw new Error('Runs that were accepted did not finish.');
    await delay(LOOK_MS);
  }
}

/** From the request to the last event of the stream, with so many callers at once. */
export async function roundTrips(system: RunsSystem, callers: number, seconds: number): Promise<Times> {
  const caller = new Caller(system, callers);
  const times: number[] = [];
  const until = performance.now() + seconds * 1_000;
  const loop = async (): Promise<void> => {
    while (performance.now() < until) {
      const started = performance.now();
      await caller.watch(await caller.start());
      times.push(performance.now() - started);
    }
  };
  await Promise.all(Array.from({ length: callers }, loop));
  caller.close();
  return timesOf(times);
}
