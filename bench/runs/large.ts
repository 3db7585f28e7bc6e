import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { newId } from '@flowmate/domain';
import { mongo } from 'mongoose';
import { describeMachine, textOfMachine } from '../machine.js';
import type { BenchOptions } from '../options.js';
import { cpuSeconds, memoryBytes } from '../process-figures.js';
import { megabytes, type Report } from '../report.js';
import { Caller } from './caller.js';
import { samplesOf } from './metrics.js';
import { timesOf, type Times } from './phases.js';
import { startRuns, type RunsSystem } from './system.js';

/** A model that writes for half a minute, and a worker with a thousand places. */
const STREAM_MS = 30_000;
const SLOW_RUNS = 10_000;
const PLACES = '1000';
const WATCHED_MS = 60_000;
const IDLE_MS = 30_000;
const REST_MS = 5_000;
const ENDED = 100_000;
const BATCH = 1_000;
const READS = 300;

/** What the number of runs costs: many that are slow, none at all, and very many that are over. */
export async function measureManyRuns({ redis }: BenchOptions): Promise<Report> {
  const machine = describeMachine();
  const lines = [textOfMachine(machine), ''];
  // Each takes minutes: what is known is told, whatever becomes of the rest.
  const tell = (line: string): void => {
    lines.push(line);
    console.log(line);
  };
  const slow = await slowRuns(redis);
  tell(
    `${SLOW_RUNS.toLocaleString('en')} runs on a model that writes for ${STREAM_MS / 1_000} s, one worker with ${PLACES} places: ${slow.running} at work, worker ${megabytes(slow.memoryBytes)} at most, ${slow.beats} beats in ${WATCHED_MS / 1_000} s, each ${slow.beatMs.toFixed(1)} ms`,
  );
  const { idle, ended } = await quiet(redis, (share) =>
    tell(`a worker without work: ${(share * 100).toFixed(2)} % of one core`),
  );
  tell(
    `${ENDED.toLocaleString('en')} runs that are over: list p95 ${ended.list.p95.toFixed(1)} ms, list of those that failed, of which there are none, p95 ${ended.failed.p95.toFixed(1)} ms, read p95 ${ended.read.p95.toFixed(1)} ms, a pass of the reconciler ${ended.passMs.toFixed(1)} ms`,
  );
  const text = lines.join('\n');
  return { figures: { machine, slow, idle, ended }, text };
}

interface Slow {
  readonly memoryBytes: number;
  readonly running: number;
  readonly beats: number;
  readonly beatMs: number;
}

async function slowRuns(redis: BenchOptions['redis']): Promise<Slow> {
  const variables = {
    WORKER_CONCURRENCY: PLACES,
    AGENT_TIMEOUT_MS: '600000',
    LLM_FIRST_BYTE_TIMEOUT_MS: '60000',
    LLM_IDLE_TIMEOUT_MS: '60000',
  };
  const model = ['--stream-ms', `${STREAM_MS}`, '--rounds', '0'];
  const system = await startRuns({ redis, isProfiled: false, variables, model });
  try {
    const caller = new Caller(system, 16);
    let left = SLOW_RUNS;
    const start = async (): Promise<void> => {
      while (left > 0) {
        left -= 1;
        await caller.start();
      }
    };
    await Promise.all(Array.from({ length: 16 }, start));
    const worker = pidOf(system, 'worker');
    const [first, since] = [await beatsOf(system), performance.now()];
    let [most, running] = [0, 0];
    while (performance.now() - since < WATCHED_MS) {
      most = Math.max(most, memoryBytes(worker));
      const samples = await samplesOf(system.workerMetrics);
      running = Math.max(running, samples.find(({ name }) => name === 'flowmate_runs_running')?.value ?? 0);
      await delay(1_000);
    }
    const last = await beatsOf(system);
    caller.close();
    const beats = last.count - first.count;
    return { memoryBytes: most, running, beats, beatMs: ((last.sum - first.sum) * 1_000) / beats };
  } finally {
    await system.stop();
  }
}

async function beatsOf({ workerMetrics }: RunsSystem): Promise<{ count: number; sum: number }> {
  const samples = await samplesOf(workerMetrics);
  const of = (suffix: string): number =>
    samples.find(
      ({ name, labels }) =>
        name === `flowmate_mongodb_operation_duration_seconds_${suffix}` &&
        labels['collection'] === 'workers' &&
        labels['command'] === 'findAndModify',
    )?.value ?? 0;
  return { count: of('count'), sum: of('sum') };
}

const pidOf = ({ processes }: RunsSystem, wanted: string): number =>
  processes.find(({ name }) => name === wanted)?.pid ?? 0;

interface Ended {
  readonly list: Times;
  /** What is rare among them. */
  readonly failed: Times;
  readonly read: Times;
  readonly passMs: number;
}

async function quiet(
  redis: BenchOptions['redis'],
  tellIdle: (share: number) => void,
): Promise<{ idle: number; ended: Ended }> {
  const system = await startRuns({ redis, isProfiled: false });
  try {
    await delay(REST_MS);
    const worker = pidOf(system, 'worker');
    const before = cpuSeconds(worker);
    await delay(IDLE_MS);
    const idle = (cpuSeconds(worker) - before) / (IDLE_MS / 1_000);
    tellIdle(idle);
    return { idle, ended: await manyEnded(system) };
  } finally {
    await system.stop();
  }
}

/** Copies of one that really ran, in the store as they would be after some weeks. */
async function manyEnded(system: RunsSystem): Promise<Ended> {
  const caller = new Caller(system, 1);
  const id = await caller.start();
  await caller.watch(id);
  const client = await mongo.MongoClient.connect(system.mongoUri);
  const runs = client.db(system.database).collection<{ _id: string }>('runs');
  const model = await runs.findOne({ _id: id });
  if (!model) throw new Error('The run is not there.');
  const ids: string[] = [];
  for (let made = 0; made < ENDED; made += BATCH) {
    const copies = Array.from({ length: BATCH }, (_, index) => ({
      ...model,
      _id: newId(Date.now() - (made + index) * 1_000),
      correlationId: randomUUID(),
    }));
    ids.push(...copies.map(({ _id }) => _id));
    await runs.insertMany(copies, { ordered: false });
  }
  await client.close();
  const timed = async (path: (index: number) => string): Promise<Times> => {
    const times: number[] = [];
    for (let index = 0; index < READS; index += 1) {
      const started = performance.now();
      await caller.get(path(index));
      times.push(performance.now() - started);
    }
    return timesOf(times);
  };
  const list = await timed(() => '/api/v1/runs?limit=50');
  const failed = await timed(() => '/api/v1/runs?status=failed&limit=50');
  const read = await timed((index) => `/api/v1/runs/${ids[(index * 331) % ids.length]}`);
  const passMs = await reconcileMs(system);
  caller.close();
  return { list, failed, read, passMs };
}

/** The mean of what the worker itself measured. */
async function reconcileMs({ workerMetrics }: RunsSystem): Promise<number> {
  await delay(IDLE_MS);
  const samples = await samplesOf(workerMetrics);
  const of = (suffix: string): number =>
    samples.find(
      ({ name, labels }) => name === `flowmate_duty_duration_seconds_${suffix}` && labels['duty'] === 'reconcile',
    )?.value ?? Number.NaN;
  return (of('sum') / of('count')) * 1_000;
}
