import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { REGISTER, ROOT } from '../server-process.js';
import { median } from '../statistics.js';
import { rateOf } from './rate.js';
import type { Store } from './store-process.js';

export interface RedisFigures {
  readonly name: string;
  readonly idleMemoryBytes: number;
  readonly pingMs: number;
  readonly jobsPerSecond: number;
}

const JOBS = 20_000;
const CONCURRENCY = 50;
const PING_SECONDS = 2;
/** Until a process that has just started is at rest. */
const REST_MS = 2_000;

/** Round by round, so that what slows a round slows every server. */
export async function measureRedis(stores: readonly Store[], rounds: number): Promise<RedisFigures[]> {
  await delay(REST_MS);
  const idle = stores.map((store) => store.memoryBytes());
  const pings = await inTurn(stores, pingMs);
  const jobs = stores.map((): number[] => []);
  for (let round = 0; round < rounds; round += 1)
    for (const [i, { uri }] of stores.entries()) jobs[i]!.push(await jobsPerSecond(uri, `bench-${round}`));
  return stores.map(({ name }, i) => ({
    name,
    idleMemoryBytes: idle[i]!,
    pingMs: pings[i]!,
    jobsPerSecond: median(jobs[i]!),
  }));
}

async function inTurn<T>(stores: readonly Store[], measure: (uri: string) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  for (const { uri } of stores) results.push(await measure(uri));
  return results;
}

async function pingMs(uri: string): Promise<number> {
  const redis = new Redis(uri);
  const { p50Ms } = await rateOf({ seconds: PING_SECONDS, inFlight: 1 }, () => redis.ping());
  redis.disconnect();
  return p50Ms;
}

/** Added here, done in another process, both at the same time. */
async function jobsPerSecond(uri: string, name: string): Promise<number> {
  const { hostname, port, password } = new URL(uri);
  const options = { removeOnComplete: true, removeOnFail: true };
  const connection = { host: hostname, port: Number(port), password };
  const queue = new Queue(name, { connection, defaultJobOptions: options });
  const worker = fork(join(ROOT, 'bench/stores/queue-worker.ts'), [uri, name, `${JOBS}`, `${CONCURRENCY}`], {
    execArgv: ['--import', REGISTER],
  });
  try {
    await says(worker, 'ready');
    const done = says(worker, 'done');
    const started = performance.now();
    let next = 0;
    const lane = async (): Promise<void> => {
      while (next++ < JOBS) await queue.add('job', { runId: 'r' });
    };
    await Promise.all(Array.from({ length: CONCURRENCY }, lane));
    await done;
    return JOBS / ((performance.now() - started) / 1_000);
  } finally {
    const gone = once(worker, 'exit');
    worker.disconnect();
    await gone;
    await queue.close();
  }
}

function says(worker: ChildProcess, word: string): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.on('message', (message) => message === word && resolve());
    worker.once('exit', (code) => reject(new Error(`The worker ended with ${code}.`)));
  });
}
