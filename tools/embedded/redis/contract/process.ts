import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Redis } from 'ioredis';

export const PASSWORD = 'secret-of-the-test';

export interface RedisProcess {
  readonly child: ChildProcess;
  readonly port: number;
  /** What it has logged so far. */
  readonly logged: () => string;
  connect(): Redis;
  /** Closes what was connected, and ends the process. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

export interface ProcessOptions {
  readonly folder: string;
  readonly args?: readonly string[];
}

export function spawnRedis({ folder, args = [] }: ProcessOptions): ChildProcess {
  const command = [
    '--disable-warning=ExperimentalWarning',
    join(__dirname, '..', 'main.ts'),
    '--data',
    folder,
    ...args,
  ];
  return spawn(process.execPath, command, {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: { ...process.env, FLOWMATE_EMBEDDED_PASSWORD: PASSWORD },
  });
}

/** The embedded Redis by itself, without a supervisor that would start it again. */
export async function startRedis(options: ProcessOptions): Promise<RedisProcess> {
  const child = spawnRedis(options);
  let text = '';
  child.stderr?.setEncoding('utf8').on('data', (piece: string) => (text += piece));
  const ended = once(child, 'exit');
  const first = await Promise.race([once(child.stdout ?? child, 'data'), ended.then(() => undefined)]);
  if (!first) throw new Error(`It ended: ${text}`);
  const { port } = JSON.parse(String(first[0])).listening;
  const clients: Redis[] = [];
  return {
    child,
    port,
    logged: () => text,
    connect: () => {
      const redis = new Redis({ port, host: '127.0.0.1', password: PASSWORD, retryStrategy: () => null });
      redis.on('error', () => undefined); // the checks end the server under it
      clients.push(redis);
      return redis;
    },
    end: async (signal) => {
      for (const redis of clients) redis.disconnect();
      child.kill(signal);
      const [code] = await ended;
      return code as number | null;
    },
  };
}
