import { describeMachine, textOfMachine } from '../machine.js';
import type { BenchOptions } from '../options.js';
import { megabytes, table, type Report } from '../report.js';
import { measureMongo, TASK_NAMES, type MongoFigures } from './mongo.js';
import { measureRedis, type RedisFigures } from './redis.js';
import { embedded, redisServer, type Store } from './store-process.js';

/** The embedded stores beside the real ones: redis-server when it is installed, the MongoDB that `MONGODB_URI` names. */
export async function measureStores(options: BenchOptions): Promise<Report> {
  const machine = describeMachine();
  const redis = await redisFigures(options);
  const { mongo, full } = await mongoFigures(options);
  const text = [
    textOfMachine(machine),
    `${options.rounds} rounds of ${options.seconds} s each, medians; client and server in separate processes`,
    '',
    ...table([
      ['MongoDB: operations per second (p50 / p95 ms)', ...mongo.map(({ name }) => name)],
      ...TASK_NAMES.map((task) => [task, ...mongo.map(({ rates }) => textOf(rates[task]))]),
      ['documents loaded per second', ...mongo.map(({ loadedPerSecond }) => whole(loadedPerSecond))],
    ]),
    '',
    `embedded MongoDB with ${whole(options.documents)} documents of a kilobyte: ${megabytes(full.memoryBytes)} memory after the searches, opened in ${Math.round(full.openMs)} ms, ${megabytes(full.memoryAfterOpenBytes)} memory then`,
    '',
    ...table([
      ['Redis', ...redis.map(({ name }) => name)],
      ['BullMQ, jobs added and done per second', ...redis.map(({ jobsPerSecond }) => whole(jobsPerSecond))],
      ['ping, p50 ms', ...redis.map(({ pingMs }) => pingMs.toFixed(3))],
      ['memory when idle', ...redis.map(({ idleMemoryBytes }) => megabytes(idleMemoryBytes))],
    ]),
  ].join('\n');
  return { figures: { machine, options, mongo, full, redis }, text };
}

async function redisFigures({ rounds }: BenchOptions): Promise<RedisFigures[]> {
  const stores: Store[] = [await embedded('redis')];
  try {
    const real = await redisServer();
    if (real) stores.push(real);
    return await measureRedis(stores, rounds);
  } finally {
    await Promise.all(stores.map((store) => store.stop()));
  }
}

/** A server that somebody else runs: neither measured from outside nor stopped. */
const NOT_OURS = { addresses: {}, pids: [], startMs: 0, memoryBytes: () => 0, stop: () => Promise.resolve() };

interface Full {
  readonly memoryBytes: number;
  readonly openMs: number;
  readonly memoryAfterOpenBytes: number;
}

async function mongoFigures(options: BenchOptions): Promise<{ mongo: MongoFigures[]; full: Full }> {
  const uri = process.env['MONGODB_URI'];
  const real: Store[] = uri ? [{ ...NOT_OURS, name: 'MONGODB_URI', uri }] : [];
  let store = await embedded('mongo');
  try {
    const mongo = await measureMongo([store, ...real], options);
    const memoryBytes = store.memoryBytes();
    store = await store.again();
    return { mongo, full: { memoryBytes, openMs: store.startMs, memoryAfterOpenBytes: store.memoryBytes() } };
  } finally {
    await store.stop();
  }
}

const whole = (value: number): string => Math.round(value).toLocaleString('en');
const textOf = (rate: MongoFigures['rates'][string] | undefined): string =>
  rate ? `${whole(rate.perSecond)} (${rate.p50Ms.toFixed(2)} / ${rate.p95Ms.toFixed(2)})` : '';
