import type { Redis } from '@flowmate/redis';

/** How to read the whole of each type of value. */
const READ: Readonly<Record<string, (key: string) => [string, Array<string | number>]>> = {
  string: (key) => ['GET', [key]],
  hash: (key) => ['HGETALL', [key]],
  list: (key) => ['LRANGE', [key, 0, -1]],
  set: (key) => ['SMEMBERS', [key]],
  zset: (key) => ['ZRANGE', [key, 0, -1, 'WITHSCORES']],
  stream: (key) => ['XRANGE', [key, '-', '+']],
};

/** Every key of an api and every value, as text, for who looks for something that must be nowhere. */
export async function redisDump(redis: Redis): Promise<string> {
  const keys = (await redis.send('KEYS', [`${redis.key('')}*`])) as string[];
  const values = await Promise.all(
    keys.map(async (key) => {
      const type = String(await redis.send('TYPE', [key]));
      const [command, args] = READ[type]?.(key) ?? ['GET', [key]];
      return [key, await redis.send(command, args)];
    }),
  );
  return JSON.stringify(values);
}
