import type { Secret } from '../secret.js';
import { FromEnv } from '../setting.js';
import { integer, secret, text } from '../setting-kinds.js';
import { IsRedisKeyPrefix, IsRedisUrl, Max } from '../validators.js';

/** A Redis has 16 databases unless it is told otherwise; nobody runs one with more than this. */
const MAX_DATABASE = 1_023;

export class RedisEnv {
  static readonly title = 'Redis';

  /** Holds a password, so it is a secret as a whole. */
  @FromEnv('REDIS_URL', {
    kind: secret,
    doc: 'The Redis that carries queues, bells and limits, 6.2 or later, with the eviction policy `noeviction`. `npm start` brings one of its own when this is not set.',
    example: 'redis://:password@localhost:6379',
  })
  @IsRedisUrl()
  url: Secret | undefined;

  @FromEnv('REDIS_DB', {
    kind: integer,
    doc: 'The number of the database in that Redis. It goes before a number in the path of `REDIS_URL`.',
    default: 0,
  })
  @Max(MAX_DATABASE)
  database: number;

  @FromEnv('REDIS_KEY_PREFIX', {
    kind: text,
    doc: 'What every key begins with, so that several installations can share one Redis.',
    default: 'flowmate',
  })
  @IsRedisKeyPrefix()
  keyPrefix: string;
}
