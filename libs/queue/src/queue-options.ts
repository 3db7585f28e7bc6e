import { RedisConnection } from 'bullmq';
import type { Redis, RedisClient } from '@flowmate/redis';

/** Nobody reads the events of BullMQ; it cannot be told to write none. */
const MAX_EVENTS = 100;

/** Below that `Redis` itself refuses; BullMQ takes it for the version instead of asking on each connection. */
RedisConnection.minimumVersion = '6.2.0';

/** What the producers and consumers of a queue have to agree on. */
export const queueOptions = (redis: Redis, connection: RedisClient) => ({
  connection,
  prefix: redis.key('queue'),
  skipVersionCheck: true,
  skipWaitingForReady: true,
  streams: { events: { maxLen: MAX_EVENTS } },
});
