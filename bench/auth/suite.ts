import { randomBytes } from 'node:crypto';
import { compare, CONNECTIONS, type Contender } from '../comparison.js';
import { describeMachine, textOfMachine } from '../machine.js';
import type { BenchOptions } from '../options.js';
import { comparisonTable, type Report } from '../report.js';
import { REGISTER, startServer, type Server } from '../server-process.js';
import { embedded, redisServer } from '../stores/store-process.js';
import { makeCallers } from './callers.js';
import { measureSlidingWindow } from './sliding-window.js';

/** As many people, each with a count of his own in Redis. */
const CALLERS = 250;
/** Of the largest tier that is counted: more than anybody here sends. */
const LIMIT = 3_000;

const PATH = '/api/v1/auth/me';
const API = ['--enable-source-maps', 'dist/apps/api/src/main.js'];
const BARE = ['--import', REGISTER, 'bench/auth/bare.ts'];

/** What it costs to know who asks: every guard, the limit and the log, against a server that does the least. */
export async function measureAuth(options: BenchOptions): Promise<Report> {
  const machine = describeMachine();
  const stores = await embedded('both');
  // The embedded Redis takes as much of the processor as the server that is measured.
  const redis = await redisServer();
  const servers: Server[] = [];
  try {
    const secret = (): string => randomBytes(32).toString('hex');
    const variables: Record<string, string> & { JWT_SECRET: string } = {
      ...stores.addresses,
      ...redis?.addresses,
      NODE_ENV: 'development',
      LOG_FORMAT: 'json',
      JWT_SECRET: secret(),
      BARE_LIMIT: String(LIMIT),
      SMTP_URL: '',
      RESEND_FROM_EMAIL: '',
      PUBLIC_APP_URL: '',
    };
    const window = await measureSlidingWindow(variables['REDIS_URL'] ?? '');
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
      `${stores.name}, ${redis ? 'redis-server' : 'embedded Redis'}`,
      '',
      ...comparisonTable(load),
      '',
      `the sliding window of ${window.keys} keys: p50 ${window.p50Ms.toFixed(3)} ms, p99 ${window.p99Ms.toFixed(3)} ms, ${Math.round(window.perSecond).toLocaleString('en')} a second`,
    ].join('\n');
    return { figures: { machine, options, load, window }, text };
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
    await redis?.stop();
    await stores.stop();
  }
}
