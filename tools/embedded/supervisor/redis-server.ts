import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Child } from '../../launcher/child.mjs';
import { encodeCommand } from '../redis/resp.ts';
import { freePort, HOST } from './address.ts';
import { redisUrl } from './embedded.ts';
import { findOnPath, isAtLeast, versionOf } from './executable.ts';
import { writeWhole } from './folder.ts';
import { ask } from './redis-ask.ts';
import type { Variant } from './variant.ts';

/** BullMQ refuses anything older. */
const LEAST_VERSION = [6, 2] as const;
const VERSION = /v=(\d+\.\d+\.\d+)/;
const LOOK_EVERY_MS = 20;
const ANSWER_WITHIN_MS = 1_000;

/** Written at each start; alone they are no data. */
export const REDIS_SERVER_FILES = ['redis.conf', 'redis.conf.draft'];

/** The same promises as the embedded one, and better ones where it has them: a log that loses a second at most. */
function configuration(port: number, password: string): string {
  return `${[
    `port ${port}`,
    `bind ${HOST}`,
    'daemonize no',
    `requirepass ${password}`,
    'appendonly yes',
    'appendfsync everysec',
    'save ""',
    'maxmemory 1gb',
    'maxmemory-policy noeviction',
    'notify-keyspace-events KEx',
    'loglevel warning',
    'logfile ""',
  ].join('\n')}\n`;
}

/** The redis-server of this machine, when there is one that will do. */
export function findRedisServer(path?: string): Variant | undefined {
  const program = findOnPath('redis-server', path);
  const version = program && versionOf(program, VERSION);
  if (!program || !version || !isAtLeast(version, LEAST_VERSION)) return undefined;
  return {
    name: 'redis-server',
    store: 'redis',
    title: `redis-server ${version}`,
    prepare: ({ folder, port, password }) => {
      // A file that only its owner may read: everybody may read a command line.
      writeWhole(join(folder, 'redis.conf'), configuration(port, password));
      return { command: [program, join(folder, 'redis.conf')] };
    },
    choosePort: freePort,
    untilReady: async ({ port, password }, child) => {
      await untilLoaded(port, password, child);
      return port;
    },
    knock: encodeCommand(['PING']),
    uri: redisUrl,
  };
}

/** It accepts connections before it has read its log, and answers LOADING until then. */
async function untilLoaded(port: number, password: string, child: Child): Promise<void> {
  while (!child.ended.aborted) {
    const replies = await ask(port, [['AUTH', password], ['PING']], ANSWER_WITHIN_MS);
    if (replies?.[1] === 'PONG') return;
    await delay(LOOK_EVERY_MS);
  }
}
