export type { Deadline } from './connection/deadline.js';
export type { Fitness } from './connection/fitness.js';
export { RedisUnavailableError, unavailability } from './connection/redis.errors.js';
export { Redis, type RedisParts, type RedisState } from './connection/redis.js';
export type { RedisClient } from './connection/redis-client.js';
export { redisHealth } from './connection/redis-health.js';
export { redisScript, type RedisScript } from './scripts/script.js';
export { SlidingWindow, type WindowAnswer, type WindowedLimit } from './scripts/sliding-window.js';
