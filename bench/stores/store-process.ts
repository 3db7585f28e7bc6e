import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { memoryBytes } from '../process-figures.js';
import { ROOT } from '../server-process.js';

export interface Store {
  readonly name: string;
  readonly uri: string;
  readonly addresses: Readonly<Record<string, string>>;
  /** Its processes, the supervisor first. */
  readonly pids: readonly number[];
  /** From the moment of spawning to the word that it is ready. */
  readonly startMs: number;
  memoryBytes(): number;
  stop(): Promise<void>;
}

export interface OwnStore extends Store {
  /** Ends it and starts it again on the same data. */
  again(): Promise<OwnStore>;
}

interface Ready {
  readonly mongoUri?: string;
  readonly redisUrl?: string;
  readonly running: ReadonlyArray<{ readonly title: string; readonly pid: number }>;
}

/** `both`: the two behind one supervisor, as `npm start` has them. */
type Kind = 'mongo' | 'redis' | 'both';

/** As `npm start` runs it, and nothing else of ours beside it. */
export const embedded = (kind: Kind): Promise<OwnStore> => start(kind, { FLOWMATE_EMBEDDED_STORES: 'embedded' });

/** The same with the server that is installed; nothing where there is none. */
export async function redisServer(): Promise<Store | undefined> {
  const { status } = spawnSync('redis-server', ['--version']);
  return status === 0 ? start('redis', {}) : undefined;
}

async function start(
  kind: Kind,
  choice: Record<string, string>,
  folder = mkdtempSync(join(tmpdir(), 'flowmate-bench-')),
): Promise<OwnStore> {
  const started = performance.now();
  const quiet = '--disable-warning=ExperimentalWarning';
  const only = kind === 'both' ? [] : ['--only', kind];
  const child = spawn(process.execPath, [quiet, 'tools/embedded/main.ts', '--json', ...only, '--data', folder], {
    cwd: ROOT,
    env: { PATH: process.env['PATH'], ...choice },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const kill = (): void => void child.kill('SIGTERM'); // in order, or an installed server would stay
  process.once('exit', kill);
  const { running, mongoUri, redisUrl } = await readyOf(child);
  const [server] = running;
  const end = async (): Promise<void> => {
    process.off('exit', kill);
    if (child.exitCode === null && child.kill('SIGTERM')) await once(child, 'exit');
  };
  return {
    name: server?.title ?? kind,
    uri: mongoUri ?? redisUrl ?? '',
    addresses: { ...(mongoUri && { MONGODB_URI: mongoUri }), ...(redisUrl && { REDIS_URL: redisUrl }) },
    pids: [child.pid ?? 0, ...running.map(({ pid }) => pid)],
    startMs: performance.now() - started,
    memoryBytes: () => memoryBytes(server?.pid),
    stop: async () => {
      await end();
      rmSync(folder, { recursive: true, force: true });
    },
    again: async () => {
      await end();
      return start(kind, choice, folder);
    },
  };
}

function readyOf(child: ChildProcess): Promise<Ready> {
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`A store ended with ${code} before it was ready.`)));
    createInterface(child.stdout!).on('line', (line) => {
      const { ready } = JSON.parse(line) as { ready?: Ready };
      if (ready) resolve(ready);
    });
  });
}
