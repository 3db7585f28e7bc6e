import { randomBytes } from 'node:crypto';
import { AppEnv, loadEnv, RedisEnv } from '@flowmate/config';
import { createLogger } from '@flowmate/observability';
import { Redis, SlidingWindow } from '@flowmate/redis';
import { compare, CONNECTIONS, type Contender } from '../comparison.js';
import { describeMachine, textOfMachine } from '../machine.js';
import type { BenchOptions } from '../options.js';
import { comparisonTable, type Report } from '../report.js';
import { REGISTER, startServer, type Server } from '../server-process.js';
import { median } from '../statistics.js';
import { embedded } from '../stores/store-process.js';
import { makeCallers } from './callers.js';

/** As many people, each with a count of his own in Redis. */
const CALLERS = 1_000;
/** Of the largest tier that is counted: more than anybody here sends. */
const LIMIT = 3_000;
const TAKES = 5_000;

const PATH = '/api/v1/auth/me';
const API = ['--enable-source-maps', 'dist/apps/api/src/main.js'];
const BARE = ['--import', REGISTER, 'bench/auth/bare.ts'];

/** What it costs to know who asks: every guard, the limit and the log, against a server that does the least. */
export async function measureAuth(options: BenchOptions): Promise<Report> {
  const machine = describeMachine();
  const stores = await embedded('both');
  const servers: Server[] = [];
  try {
    const secret = (): string => randomBytes(32).toString('hex');
    const variables = {
      ...stores.addresses,
      NODE_ENV: 'development',
      LOG_FORMAT: 'json',
      JWT_SECRET: secret(),
      BARE_LIMIT: String(LIMIT),
      SMTP_URL: '',
      RESEND_FROM_EMAIL: '',
      PUBLIC_APP_URL: '',
    };
    const window = await windowFigures(variables);
    const { tokens, keys } = await makeCallers(CALLERS, variables, variables.JWT_SECRET);
    for (const args of [BARE, API]) servers.push(await startServer(args, '/health/ready', variables));
    const [bare, api] = servers.map((server) => ({ ...server, url: new URL(PATH, server.url).href }));
    if (!bare || !api) throw new Error('a server is missing');
    const byToken = await compare(
      [
        { name: 'bare Fastify, bearer token', server: bare, callers: tokens },
        { name: 'api GET /auth/me, bearer token', server: api, callers: tokens },
      ],
      options,
    );
    const byKey = await compare(
      [
        { name: 'bare Fastify, API key', server: bare, callers: keys },
        { name: 'api GET /auth/me, API key', server: api, callers: keys },
      ],
      options,
    );
    const load: Contender[] = [...byToken, ...byKey];
    const text = [
      textOfMachine(machine),
      `${CALLERS} callers on ${CONNECTIONS} connections, ${options.rounds} rounds of ${options.seconds} s each, medians`,
      `stores: ${stores.name}, embedded`,
      '',
      ...comparisonTable(load),
      '',
      `one take from the sliding window of ${CALLERS} keys, one after the other: p50 ${window.takeMs.toFixed(3)} ms, a PING ${window.pingMs.toFixed(3)} ms`,
    ].join('\n');
    return { figures: { machine, options, load, window }, text };
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
    await stores.stop();
  }
}

/** What the window costs by itself, beside the round trip that it cannot do without. */
async function windowFigures(variables: Readonly<Record<string, string>>): Promise<{ takeMs: number; pingMs: number }> {
  const env = loadEnv([AppEnv, RedisEnv], { variables });
  const logger = createLogger({ level: 'error', format: 'text', service: 'bench', environment: 'test' });
  const redis = new Redis({ app: env.get(AppEnv), settings: env.get(RedisEnv), logger });
  await redis.connect();
  const window = new SlidingWindow(redis, 1_000);
  const timed = async (work: (index: number) => Promise<unknown>): Promise<number> => {
    const times: number[] = [];
    for (let index = 0; index < TAKES; index += 1) {
      const started = performance.now();
      await work(index);
      times.push(performance.now() - started);
    }
    return median(times);
  };
  const take = (index: number): Promise<unknown> =>
    window.take({ key: `bench:${index % CALLERS}`, limit: LIMIT, windowMs: 60_000 });
  const takeMs = await timed(take);
  const pingMs = await timed(() => redis.ping());
  await redis.close();
  return { takeMs, pingMs };
}
