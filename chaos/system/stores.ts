import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Child } from './child.js';
import { RedisServer } from './redis-server.js';

const ROOT = join(import.meta.dirname, '..', '..');

/** The two stores that all scenarios of one call share; each takes a database and a prefix of its own. */
export interface Stores {
  readonly folder: string;
  readonly mongoUri: string;
  readonly mongoName: string;
  readonly redis: RedisServer;
  /** So that it stops answering, or goes on. Nothing where somebody else runs it. */
  readonly signalMongo: (signal: NodeJS.Signals) => boolean;
  /** What was written is kept when somebody may want to read it. */
  stop(isKept: boolean): Promise<void>;
}

export async function startStores(): Promise<Stores> {
  const folder = mkdtempSync(join(tmpdir(), 'flowmate-chaos-'));
  mkdirSync(join(folder, 'logs'));
  const redis = await RedisServer.make(join(folder, 'redis.log'), join(folder, 'redis'));
  const given = process.env['MONGODB_URI'];
  const mongo = given === undefined ? await embedded(folder) : undefined;
  return {
    folder,
    mongoUri: given ?? mongo?.uri ?? '',
    mongoName: given === undefined ? 'embedded' : 'MONGODB_URI',
    redis,
    signalMongo: (signal) => {
      mongo?.child.kill(signal);
      return mongo !== undefined;
    },
    stop: async (isKept) => {
      await Promise.all([redis.kill(), mongo?.child.end('SIGTERM')]);
      if (!isKept) rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function embedded(folder: string): Promise<{ child: Child; uri: string }> {
  const main = join(ROOT, 'tools', 'embedded', 'main.ts');
  const args = ['--json', '--only', 'mongo', '--data', join(folder, 'mongo')];
  const child = await Child.start({
    name: 'mongo',
    command: [process.execPath, '--disable-warning=ExperimentalWarning', main, ...args],
    env: { FLOWMATE_EMBEDDED_STORES: 'embedded' },
    log: join(folder, 'mongo.log'),
    isReady: ({ ready }) => ready !== undefined,
  });
  const { ready } = child.lines.find((line) => line['ready'] !== undefined) ?? {};
  const { mongoUri = '' } = ready as { mongoUri?: string };
  return { child, uri: mongoUri };
}
