import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { get } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { cpuSeconds, memoryBytes } from './process-figures.js';

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
export const REGISTER = join(ROOT, 'libs/testing/register-typescript.mjs');

/** Fine enough for a start of a second, coarse enough not to take the processor from what is starting. */
const POLL_MS = 5;
/** A start takes one second; a machine that needs thirty has other problems than this one. */
const START_LIMIT_MS = 30_000;

const secret = (): string => randomBytes(32).toString('hex');

export interface Server {
  readonly url: string;
  readonly pid: number | undefined;
  /** From the moment of spawning to the first answer. */
  readonly startMs: number;
  /** Processor time so far, in seconds; where the system does not tell, not a number. */
  cpuSeconds(): number;
  memoryBytes(): number;
  stop(): Promise<void>;
}

/** A Node process as in production: JSON lines at level info, which nobody keeps. `variables` say what is different. */
export async function startServer(
  args: readonly string[],
  path: string,
  variables: Readonly<Record<string, string>> = {},
): Promise<Server> {
  const port = await freePort();
  const env = {
    PATH: process.env['PATH'],
    NODE_ENV: 'production',
    LOG_LEVEL: 'info',
    SERVER_HOST: '127.0.0.1',
    PORT: String(port),
    WORKER_PORT: String(port),
    METRICS_PORT: '0',
    JWT_SECRET: secret(),
    REFRESH_SECRET: secret(),
    INTEGRATION_ENC_KEY: secret(),
    SMTP_URL: 'smtp://127.0.0.1:1',
    RESEND_FROM_EMAIL: 'mail@example.com',
    PUBLIC_APP_URL: 'https://flowmate.example.com',
    // Nobody is there, and nothing that is measured asks.
    MONGODB_URI: 'mongodb://127.0.0.1:1',
    REDIS_URL: 'redis://127.0.0.1:1',
    ...variables,
  };
  const started = performance.now();
  const child = spawn(process.execPath, args, { cwd: ROOT, env, stdio: ['ignore', 'ignore', 'inherit'] });
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  const url = `http://127.0.0.1:${port}${path}`;
  await untilAnswered(url, child);
  const startMs = performance.now() - started;
  return {
    url,
    pid: child.pid,
    startMs,
    cpuSeconds: () => cpuSeconds(child.pid),
    memoryBytes: () => memoryBytes(child.pid),
    stop: async () => {
      process.off('exit', kill);
      if (child.exitCode !== null || !child.kill('SIGTERM')) return;
      await once(child, 'exit');
    },
  };
}

/** The address has to be known before the first answer, and nothing reads what the process writes. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo; // of a listening TCP server
  probe.close();
  await once(probe, 'close');
  return port;
}

async function untilAnswered(url: string, child: ChildProcess): Promise<void> {
  const deadline = performance.now() + START_LIMIT_MS;
  while (!(await isAnswered(url))) {
    if (child.exitCode !== null) throw new Error(`A server ended with ${child.exitCode} before it answered.`);
    if (performance.now() > deadline) throw new Error(`A server did not answer within ${START_LIMIT_MS} ms.`);
    await delay(POLL_MS);
  }
}

function isAnswered(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    get(url, { agent: false }, (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200);
    }).once('error', () => resolve(false));
  });
}
