import { spawnSync } from 'node:child_process';
import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import { Agent, request } from 'node:http';
import { AppEnv, DatabaseEnv, loadEnv } from '@flowmate/config';
import { Database, UserRepository } from '@flowmate/database';
import { newId } from '@flowmate/domain';
import { createLogger } from '@flowmate/observability';
import { describeMachine, textOfMachine } from '../machine.js';
import { table, type Report } from '../report.js';
import { ROOT, startServer } from '../server-process.js';
import { mean, median, variance, welch } from '../statistics.js';
import { embedded } from '../stores/store-process.js';

/** Case A01: so many addresses that have an account, and so many that have none. */
const PER_KIND = 1_000;
/** Until the code of the way is compiled. */
const WARM_UP = 300;
/** Beyond that the two are told apart (the bound of dudect, and of case A01). */
const BOUND = 4.5;
/** What is slower than this part of all is the machine's doing; it is left out of the second figure. */
const KEPT = 0.99;

type Kind = 'known' | 'unknown';

/**
 * Whether the time of `POST /auth` tells who has an account. Everything runs as it would, worker and all, under
 * `SIGNUP=invite`: there the mail of one goes out and that of the other does not.
 */
export async function measureSignIn(): Promise<Report> {
  const stores = await embedded('both');
  const secret = (): string => randomBytes(32).toString('hex');
  const common = {
    ...stores.addresses,
    NODE_ENV: 'test',
    SIGNUP: 'invite',
    TRUST_PROXY: '1',
    RATE_LIMIT_MAX_REQUESTS: '1000000',
    INTEGRATION_ENC_KEY: secret(),
    JWT_SECRET: secret(),
    REFRESH_SECRET: secret(),
    // Where mail leaves in production does not matter here; the mailbox takes it.
    SMTP_URL: '',
    RESEND_FROM_EMAIL: '',
    PUBLIC_APP_URL: '',
  };
  migrate(common);
  const known = await makeAccounts(common);
  const worker = await startServer(['dist/apps/worker/src/main.js'], '/health/ready', common);
  const api = await startServer(['dist/apps/api/src/main.js'], '/health/ready', common);
  try {
    const times = await measure(new URL(api.url).origin, known);
    return report(times);
  } finally {
    await api.stop();
    await worker.stop();
    await stores.stop();
  }
}

function migrate(variables: Readonly<Record<string, string>>): void {
  const env = { PATH: process.env['PATH'], ...variables };
  const { status, stderr } = spawnSync(process.execPath, ['dist/apps/cli/src/main.js', 'migrate', 'up'], {
    cwd: ROOT,
    env,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`The database was not made: ${stderr}`);
}

async function makeAccounts(variables: Readonly<Record<string, string>>): Promise<string[]> {
  const env = loadEnv([AppEnv, DatabaseEnv], { variables });
  const logger = createLogger({ level: 'error', format: 'text', service: 'bench', environment: 'test' });
  const database = new Database({ app: env.get(AppEnv), settings: env.get(DatabaseEnv), role: 'cli', logger });
  await database.connectInTime();
  const users = new UserRepository(database);
  const emails = Array.from({ length: PER_KIND }, () => `${randomUUID()}@example.com`);
  for (const email of emails)
    await users.create({
      id: newId(),
      email,
      role: 'manager',
      personalWorkspaceId: newId(),
      createdAt: new Date(),
      sessionVersion: 1,
      identities: [],
    });
  await database.close();
  return emails;
}

/** One after the other, in random order, each from an address of its own. */
async function measure(origin: string, known: readonly string[]): Promise<Record<Kind, number[]>> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const times: Record<Kind, number[]> = { known: [], unknown: [] };
  const stranger = (): string => `${randomUUID()}@example.com`;
  for (let index = 0; index < WARM_UP; index++) await ask(origin, agent, stranger());
  const left = [
    ...known.map((email) => ({ kind: 'known' as const, email })),
    ...known.map(() => ({ kind: 'unknown' as const, email: stranger() })),
  ];
  while (left.length > 0) {
    const [next] = left.splice(randomInt(left.length), 1);
    if (next) times[next.kind].push(await ask(origin, agent, next.email));
  }
  agent.destroy();
  return times;
}

function ask(origin: string, agent: Agent, email: string): Promise<number> {
  const body = JSON.stringify({ email });
  const from = [10, randomInt(256), randomInt(256), randomInt(256)].join('.');
  const headers = { 'content-type': 'application/json', 'content-length': body.length, 'x-forwarded-for': from };
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const asked = request(`${origin}/api/v1/auth`, { method: 'POST', agent, headers }, (answer) => {
      answer.resume().once('end', () => {
        if (answer.statusCode === 202) resolve(performance.now() - started);
        else reject(new Error(`A request for a link was answered ${answer.statusCode}.`));
      });
    });
    asked.once('error', reject);
    asked.end(body);
  });
}

function report(times: Record<Kind, number[]>): Report {
  const all = [...times.known, ...times.unknown].sort((a, b) => a - b);
  const limit = all[Math.floor(all.length * KEPT)] ?? Number.POSITIVE_INFINITY;
  const kept = (kind: Kind): number[] => times[kind].filter((ms) => ms <= limit);
  const t = welch(times.known, times.unknown);
  const tKept = welch(kept('known'), kept('unknown'));
  const machine = describeMachine();
  const row = (kind: Kind): string[] => [
    kind,
    String(times[kind].length),
    ...[mean(times[kind]), Math.sqrt(variance(times[kind])), median(times[kind])].map((ms) => ms.toFixed(3)),
  ];
  const verdict = Math.abs(t) < BOUND && Math.abs(tKept) < BOUND ? 'not told apart' : 'TOLD APART';
  const text = [
    textOfMachine(machine),
    '',
    ...table([['address', 'requests', 'mean ms', 'deviation', 'median ms'], row('known'), row('unknown')]),
    '',
    `Welch's t: ${t.toFixed(2)}; without the slowest hundredth: ${tKept.toFixed(2)}; bound ${BOUND}: ${verdict}`,
  ].join('\n');
  return { figures: { machine, perKind: PER_KIND, t, tKept, bound: BOUND }, text };
}
