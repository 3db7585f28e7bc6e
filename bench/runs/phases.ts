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

/** Starts runs as fast as the system takes them, and no faster than it finishes them. */
class Pump {
  readonly accept: number[] = [];
  asked = 0;
  finished: number;
  private underWay = 0;
  private isStopped = false;
  private readonly looking: Promise<void>;
  private readonly started = performance.now();

  constructor(
    private readonly system: RunsSystem,
    private readonly caller: Caller,
    private readonly first: number,
    private readonly perSecond: number,
  ) {
    this.finished = first;
    this.looking = this.look();
  }

  async run(seconds: number): Promise<void> {
    while (this.seconds < seconds) {
      while (this.mayAsk()) void this.one();
      await delay(TICK_MS);
    }
    this.isStopped = true;
    await this.looking;
  }

  async drain(): Promise<void> {
    while (this.underWay > 0) await delay(TICK_MS);
    await untilFinished(this.system, this.first + this.asked);
  }

  get seconds(): number {
    return (performance.now() - this.started) / 1_000;
  }

  private mayAsk(): boolean {
    const isDue = this.asked < this.seconds * this.perSecond;
    return isDue && this.underWay < CONNECTIONS && this.asked - (this.finished - this.first) < AHEAD;
  }

  private async one(): Promise<void> {
    this.asked += 1;
    this.underWay += 1;
    const at = performance.now();
    try {
      await this.caller.start();
      this.accept.push(performance.now() - at);
    } finally {
      this.underWay -= 1;
    }
  }

  private async look(): Promise<void> {
    while (!this.isStopped) {
      this.finished = finishedOf(await samplesOf(this.system.workerMetrics));
      await delay(LOOK_MS);
    }
  }
}

/** What a while of load costs. Without a rate: as many runs as the system finishes. */
export async function sustained(
  system: RunsSystem,
  seconds: number,
  perSecond = Number.POSITIVE_INFINITY,
): Promise<Sustained> {
  const caller = new Caller(system, CONNECTIONS);
  const before = await counted(system);
  const cpuBefore = cpuOf(system);
  const first = finishedOf(before.worker);
  const pump = new Pump(system, caller, first, perSecond);
  await pump.run(seconds);
  const after = await counted(system);
  const wall = pump.seconds;
  const done = finishedOf(after.worker) - first;
  const cpu = cpuOf(system).map((value, index) => ((value - (cpuBefore[index] ?? 0)) * 1_000) / done);
  const commands = [...after.all].map(([kind, value]) => [kind, (value - (before.all.get(kind) ?? 0)) / done] as const);
  const accepted = pump.accept.length;
  await pump.drain();
  caller.close();
  return {
    seconds: wall,
    acceptedPerSecond: accepted / wall,
    finishedPerSecond: done / wall,
    accept: timesOf(pump.accept),
    cpuMsPerRun: cpu,
    memoryBytes: memoryOf(system),
    commandsPerRun: Object.fromEntries(commands.filter(([, value]) => value > 0.01)),
  };
}

const LATE_MS = 60_000;

async function untilFinished(system: RunsSystem, count: number): Promise<void> {
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
