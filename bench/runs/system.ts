import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { World, type Tenant } from '../../chaos/system/world.js';
import { Child, typeScript } from '../../chaos/system/child.js';
import { cpuSeconds, memoryBytes } from '../process-figures.js';
import { freePort, ROOT, startServer, type Server } from '../server-process.js';
import { storesFor } from './given-stores.js';

export interface RunsOptions {
  readonly redis: 'embedded' | 'server';
  readonly isProfiled: boolean;
  /** Of the worker and of the model, where a measurement needs others. */
  readonly variables?: Readonly<Record<string, string>>;
  readonly model?: readonly string[];
}

interface Measured {
  readonly name: string;
  readonly pid: number;
}

/** Everything as `npm start` has it, with a model that answers at once, as a process of its own. */
export interface RunsSystem {
  readonly origin: string;
  readonly workerMetrics: string;
  readonly apiMetrics: string;
  readonly world: World;
  readonly tenant: Tenant;
  readonly agentId: string;
  readonly processes: readonly Measured[];
  readonly mongoUri: string;
  readonly database: string;
  readonly storeNames: readonly [string, string];
  /** Where the profiles are once it has stopped. */
  readonly profiles: string;
  stop(): Promise<void>;
}

const MODEL = join(ROOT, 'libs', 'testing', 'src', 'simulators', 'model', 'model-simulator.main.ts');
const secret = (): string => randomBytes(32).toString('hex');

export async function startRuns({
  redis: kind,
  isProfiled,
  variables = {},
  model: modelArgs = [],
}: RunsOptions): Promise<RunsSystem> {
  // Nothing of anybody else is in a database and behind a prefix that nobody could have guessed.
  const own = { database: `bench_runs_${secret().slice(0, 8)}`, prefix: `bench-${secret().slice(0, 8)}` };
  const { mongo, redis } = await storesFor(kind, own);
  const profiles = mkdtempSync(join(tmpdir(), 'flowmate-profiles-'));
  const model = await Child.start({
    name: 'model',
    command: typeScript(MODEL, '--no-record', ...modelArgs),
    log: '/dev/null',
    isReady: ({ url }) => url !== undefined,
  });
  const metricsPort = await freePort();
  const common = {
    ...mongo.addresses,
    ...redis.addresses,
    MONGODB_DATABASE: own.database,
    REDIS_KEY_PREFIX: own.prefix,
    NODE_ENV: 'test',
    RATE_LIMIT_MAX_REQUESTS: '1000000',
    INTEGRATION_ENC_KEY: secret(),
    JWT_SECRET: secret(),
    REFRESH_SECRET: secret(),
    SMTP_URL: '',
    RESEND_FROM_EMAIL: '',
    PUBLIC_APP_URL: '',
    OPENAI_KEY: 'sk-bench',
    OPENAI_BASE_URL: String(model.lines.find(({ url }) => url !== undefined)?.['url']),
    METRICS_PORT: `${metricsPort}`,
    ...variables,
  };
  migrate(common);
  const world = new World(common);
  await world.begin();
  const tenant = await world.tenant();
  const agentId = await world.agent(tenant, ['time.now'], 'bench');
  const profile = (name: string): string[] =>
    isProfiled ? ['--cpu-prof', `--cpu-prof-dir=${profiles}`, `--cpu-prof-name=${name}.cpuprofile`] : [];
  const begin = (app: string): Promise<Server> =>
    startServer([...profile(app), '--enable-source-maps', `dist/apps/${app}/src/main.js`], '/health/ready', common);
  const [worker, api] = [await begin('worker'), await begin('api')];
  return {
    origin: new URL(api.url).origin,
    workerMetrics: `${new URL(worker.url).origin}/metrics`,
    apiMetrics: `http://127.0.0.1:${metricsPort}/metrics`,
    world,
    tenant,
    agentId,
    processes: [
      { name: 'api', pid: api.pid ?? 0 },
      { name: 'worker', pid: worker.pid ?? 0 },
      ...[mongo, redis].flatMap(({ name, pids }) => (pids[1] ? [{ name, pid: pids[1] }] : [])),
      { name: 'simulated model', pid: model.pid },
    ],
    mongoUri: mongo.uri,
    database: own.database,
    storeNames: [mongo.name, redis.name],
    profiles,
    stop: async () => {
      await world.close();
      await Promise.all([api.stop(), worker.stop()]);
      await model.end('SIGTERM');
      await Promise.all([mongo.stop(), redis.stop()]);
    },
  };
}

export const cpuOf = ({ processes }: RunsSystem): number[] => processes.map(({ pid }) => cpuSeconds(pid));
export const memoryOf = ({ processes }: RunsSystem): number[] => processes.map(({ pid }) => memoryBytes(pid));

function migrate(variables: Readonly<Record<string, string>>): void {
  const env = { PATH: process.env['PATH'], ...variables };
  const made = spawnSync(process.execPath, ['dist/apps/cli/src/main.js', 'migrate', 'up'], {
    cwd: ROOT,
    env,
    encoding: 'utf8',
  });
  if (made.status !== 0) throw new Error(`The database was not made: ${made.stderr}`);
}
