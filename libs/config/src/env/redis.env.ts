import type { Secret } from '../secret.js';
import { FromEnv } from '../setting.js';
import { secret } from '../setting-kinds.js';
import { IsRedisUrl } from '../validators.js';

export class RedisEnv {
  static readonly title = 'Redis';

  /** Holds a password, so it is a secret as a whole. */
  @FromEnv('REDIS_URL', {
    kind: secret,
    doc: 'The Redis that carries queues, bells and limits. `npm start` brings one of its own when this is not set.',
    example: 'redis://:password@localhost:6379',
  })
  @IsRedisUrl()
  url: Secret | undefined;
}
