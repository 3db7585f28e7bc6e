import autocannon from 'autocannon';
import type { BenchOptions } from '../options.js';
import { REGISTER, startServer, type Server } from '../server-process.js';
import { median } from '../statistics.js';

/** Enough to keep one process busy all the time, as many as a browser farm or a load balancer keeps open. */
export const CONNECTIONS = 50;
/** After that the compiler has seen every function on the way thousands of times. */
const WARM_UP_SECONDS = 3;

const API = ['dist/apps/api/src/main.js'];
const TYPESCRIPT = ['--import', REGISTER];

/** The first one is what the others are compared with. */
const CONTENDERS = [
  { name: 'bare Fastify, its own log', args: [...TYPESCRIPT, 'bench/http/bare.ts'], path: '/health/live' },
  { name: 'bare Fastify, no log', args: [...TYPESCRIPT, 'bench/http/bare.ts', 'silent'], path: '/health/live' },
  { name: 'api GET /health/live', args: API, path: '/health/live' },
  { name: 'api GET no-op route', args: [...TYPESCRIPT, 'bench/http/nothing.ts'], path: '/bench/nothing' },
] as const;

interface Round {
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Processor time of the server alone: unlike the rate, other load on the machine hardly moves it. */
  readonly cpuMicrosPerRequest: number;
}

export interface Contender extends Round {
  readonly name: string;
  /** From the slowest to the fastest round, of the median rate: what else went on at the same time. */
  readonly spread: number;
  /** Of rates, within each round, so that what slows a whole round slows both sides of it. */
  readonly ratioToBare: number;
  /** The same of processor time: how much of what we spend on a request, bare Fastify spends too. */
  readonly cpuRatioToBare: number;
  readonly rounds: readonly Round[];
}

/** All servers stay up; each round loads one after the other. */
export async function measureLoad({ seconds, rounds }: BenchOptions): Promise<Contender[]> {
  const servers: Server[] = [];
  try {
    for (const { args, path } of CONTENDERS) servers.push(await startServer(args, path));
    for (const server of servers) await loadOnce(server, WARM_UP_SECONDS);
    const measured = servers.map((): Round[] => []);
    for (let round = 0; round < rounds; round += 1) {
      for (const [index, server] of servers.entries()) measured[index]?.push(await loadOnce(server, seconds));
    }
    return summarise(measured);
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
  }
}

async function loadOnce(server: Server, duration: number): Promise<Round> {
  const before = server.cpuSeconds();
  const { requests, latency, errors, timeouts, non2xx } = await autocannon({
    url: server.url,
    connections: CONNECTIONS,
    duration,
  });
  const cpuMicros = (server.cpuSeconds() - before) * 1e6;
  if (errors + timeouts + non2xx > 0) throw new Error(`${errors + timeouts + non2xx} requests failed: ${server.url}`);
  return {
    requestsPerSecond: requests.average,
    p50Ms: latency.p50,
    p99Ms: latency.p99,
    cpuMicrosPerRequest: cpuMicros / requests.total,
  };
}

function summarise(measured: ReadonlyArray<readonly Round[]>): Contender[] {
  const [bare = []] = measured;
  return CONTENDERS.map(({ name }, index) => {
    const rounds = measured[index] ?? [];
    const of = (pick: (round: Round) => number): number => median(rounds.map(pick));
    const against = (pick: (own: Round, bare: Round) => number): number =>
      median(rounds.flatMap((own, round) => (bare[round] ? [pick(own, bare[round])] : [])));
    const rates = rounds.map((round) => round.requestsPerSecond);
    return {
      name,
      spread: (Math.max(...rates) - Math.min(...rates)) / median(rates),
      requestsPerSecond: of((round) => round.requestsPerSecond),
      p50Ms: of((round) => round.p50Ms),
      p99Ms: of((round) => round.p99Ms),
      cpuMicrosPerRequest: of((round) => round.cpuMicrosPerRequest),
      ratioToBare: against((own, other) => own.requestsPerSecond / other.requestsPerSecond),
      cpuRatioToBare: against((own, other) => other.cpuMicrosPerRequest / own.cpuMicrosPerRequest),
      rounds,
    };
  });
}
