import { ConfigError } from '@flowmate/config';
import type { RedisClient } from './redis-client.js';

/** The oldest Redis whose commands BullMQ uses. */
const MIN_MAJOR = 6;
const MIN_MINOR = 2;
/** The only policy under which a job that was taken is still there later. */
const KEEPS_ALL = 'noeviction';
/** The one of `npm start` is Valkey as WebAssembly, and no other Redis runs on that. */
const EMBEDDED = /^os:wasi /m;

/** What a Redis says about itself; each part is absent when it does not, as some services refuse to. */
export interface Fitness {
  readonly version?: string;
  readonly evictionPolicy?: string;
  readonly isEmbedded?: boolean;
  readonly usedBytes?: number;
  /** How much it may use; absent also where nothing limits it. */
  readonly maxBytes?: number;
}

/** `INFO` tells all of it, also where `CONFIG` is refused. */
export async function readFitness(client: RedisClient): Promise<Fitness> {
  let info: string;
  try {
    info = await client.info();
  } catch (error) {
    const { name, message } = error as { name?: unknown; message?: unknown };
    if (name === 'ReplyError' && /^(NOPERM|ERR unknown command)/.test(String(message))) return {};
    throw error;
  }
  const [, version] = /^redis_version:(\S+)/m.exec(info) ?? [];
  const [, evictionPolicy] = /^maxmemory_policy:(\S+)/m.exec(info) ?? [];
  const isEmbedded = EMBEDDED.test(info);
  const [, used] = /^used_memory:(\d+)/m.exec(info) ?? [];
  const [, max] = /^maxmemory:(\d+)/m.exec(info) ?? [];
  const [usedBytes, maxBytes] = [Number(used ?? 0), Number(max ?? 0)];
  return {
    ...(version && { version }),
    ...(evictionPolicy && { evictionPolicy }),
    ...(isEmbedded && { isEmbedded }),
    ...(usedBytes && { usedBytes }),
    ...(maxBytes && { maxBytes }),
  };
}

export const isEvicting = ({ evictionPolicy = KEEPS_ALL }: Fitness): boolean => evictionPolicy !== KEEPS_ALL;

/** What is wrong with a Redis for production. */
export function unfitness(fitness: Fitness): ConfigError | undefined {
  if (fitness.isEmbedded)
    return refusal(
      'names the embedded Redis of `npm start`, which is for trying and developing; production needs its own',
    );
  if (isEvicting(fitness))
    return refusal(
      'CONFIG_REDIS_EVICTION: names a Redis that throws keys away when its memory is full; its maxmemory-policy must be noeviction',
    );
  const [major = 0, minor = 0] = (fitness.version ?? `${MIN_MAJOR}.${MIN_MINOR}`).split('.').map(Number);
  if (major < MIN_MAJOR || (major === MIN_MAJOR && minor < MIN_MINOR))
    return refusal(`names a Redis that is older than ${MIN_MAJOR}.${MIN_MINOR}`);
  return undefined;
}

export const refusal = (rule: string): ConfigError => new ConfigError([{ name: 'REDIS_URL', rule }]);
