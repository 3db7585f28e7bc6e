import { setTimeout as delay } from 'node:timers/promises';
import { describeMachine, textOfMachine } from '../machine.js';
import type { BenchOptions } from '../options.js';
import { cpuSeconds, memoryBytes } from '../process-figures.js';
import { megabytes, percent, table, type Report } from '../report.js';
import { startServer, type Server } from '../server-process.js';
import { median } from '../statistics.js';
import { embedded, type OwnStore } from '../stores/store-process.js';

/** The embedded stores are refused in production, so this is what `npm start` runs. */
const DEVELOPMENT = { NODE_ENV: 'development' };
const APPS = {
  api: ['--enable-source-maps', 'dist/apps/api/src/main.js'],
  worker: ['--enable-source-maps', 'dist/apps/worker/src/main.js'],
} as const;
/** Long enough for two canaries, four rounds of checks, and everything that runs every few seconds. */
const IDLE_MS = 30_000;
/** Until what a start leaves behind is collected. */
const REST_MS = 5_000;

interface StartFigures {
  readonly app: string;
  readonly liveMs: number;
  readonly readyMs: number;
  readonly memoryBytes: number;
}

interface IdleFigures {
  readonly process: string;
  readonly cpu: number;
  readonly memoryBytes: number;
}

/** How long api and worker take to come up on stores that run, and what everything costs while nothing happens. */
export async function measureStarts({ rounds }: BenchOptions): Promise<Report> {
  const machine = describeMachine();
  const stores = await embedded('both');
  try {
    const starts: StartFigures[] = [];
    for (const app of ['api', 'worker'] as const) starts.push(await startsOf(app, stores, rounds));
    const idle = await idleFigures(stores);
    const whole = idle.reduce(
      (sum, { cpu, memoryBytes: bytes }) => ({ cpu: sum.cpu + cpu, bytes: sum.bytes + bytes }),
      {
        cpu: 0,
        bytes: 0,
      },
    );
    const text = [
      textOfMachine(machine),
      `medians of ${rounds} starts; ${IDLE_MS / 1_000} s without work`,
      '',
      ...table([
        ['start', 'live ms', 'ready ms', 'memory'],
        ...starts.map((row) => [row.app, ms(row.liveMs), ms(row.readyMs), megabytes(row.memoryBytes)]),
      ]),
      '',
      ...table([
        ['idle', 'of one core', 'memory'],
        ...idle.map((row) => [row.process, share(row.cpu), megabytes(row.memoryBytes)]),
        ['all', share(whole.cpu), megabytes(whole.bytes)],
      ]),
    ].join('\n');
    return { figures: { machine, rounds, starts, idle, whole }, text };
  } finally {
    await stores.stop();
  }
}

async function startsOf(app: keyof typeof APPS, { addresses }: OwnStore, rounds: number): Promise<StartFigures> {
  const live: number[] = [];
  const ready: number[] = [];
  const memory: number[] = [];
  const variables = { ...DEVELOPMENT, ...addresses };
  for (let round = 0; round < rounds; round += 1) {
    await once(APPS[app], '/health/live', variables, (server) => live.push(server.startMs));
    await once(APPS[app], '/health/ready', variables, (server) => {
      ready.push(server.startMs);
      memory.push(server.memoryBytes());
    });
  }
  return { app, liveMs: median(live), readyMs: median(ready), memoryBytes: median(memory) };
}

async function once(
  args: readonly string[],
  path: string,
  variables: Record<string, string>,
  look: (server: Server) => void,
): Promise<void> {
  const server = await startServer(args, path, variables);
  look(server);
  await server.stop();
}

async function idleFigures(stores: OwnStore): Promise<IdleFigures[]> {
  const variables = { ...DEVELOPMENT, ...stores.addresses };
  const servers = [
    await startServer(APPS.api, '/health/ready', variables),
    await startServer(APPS.worker, '/health/ready', variables),
  ];
  try {
    const names = ['api', 'worker', 'supervisor of the stores', 'embedded MongoDB', 'embedded Redis'];
    const pids = [...servers.map(({ pid }) => pid), ...stores.pids];
    await delay(REST_MS);
    const before = pids.map((pid) => cpuSeconds(pid));
    await delay(IDLE_MS);
    return pids.map((pid, i) => ({
      process: names[i] ?? 'another',
      cpu: (cpuSeconds(pid) - before[i]!) / (IDLE_MS / 1_000),
      memoryBytes: memoryBytes(pid),
    }));
  } finally {
    for (const server of servers) await server.stop();
  }
}

const ms = (value: number): string => Math.round(value).toLocaleString('en');
const share = (cpu: number): string => (cpu < 0.1 ? `${(cpu * 100).toFixed(1)} %` : percent(cpu));
