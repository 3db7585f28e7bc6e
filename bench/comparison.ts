import autocannon from 'autocannon';
import type { BenchOptions } from './options.js';
import type { Server } from './server-process.js';
import { median } from './statistics.js';

/** Enough to keep one process busy all the time, as many as a browser farm or a load balancer keeps open. */
export const CONNECTIONS = 50;
/** After that the compiler has seen every function on the way thousands of times. */
const WARM_UP_SECONDS = 3;

export interface Loaded {
  readonly name: string;
  readonly server: Server;
  /** Who asks, one after the other; nobody in particular when absent. */
  readonly callers?: ReadonlyArray<Readonly<Record<string, string>>>;
}

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

/** All servers stay up; each round loads one after the other. The first one is what the others are compared with. */
export async function compare(all: readonly Loaded[], { seconds, rounds }: BenchOptions): Promise<Contender[]> {
  for (const one of all) await loadOnce(one, WARM_UP_SECONDS);
  const measured = all.map((): Round[] => []);
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, one] of all.entries()) measured[index]?.push(await loadOnce(one, seconds));
  }
  return summarise(all, measured);
}

async function loadOnce({ server, callers }: Loaded, duration: number): Promise<Round> {
  const before = server.cpuSeconds();
  const { requests, latency, errors, timeouts, non2xx } = await autocannon({
    url: server.url,
    connections: CONNECTIONS,
    duration,
    ...(callers && { requests: callers.map((headers) => ({ headers })) }),
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

function summarise(all: readonly Loaded[], measured: ReadonlyArray<readonly Round[]>): Contender[] {
  const [bare = []] = measured;
  return all.map(({ name }, index) => {
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
