import { Redis } from 'ioredis';
import { mongo } from 'mongoose';
import { embedded, redisServer, type Store } from '../stores/store-process.js';

/** What the runs are kept and rung in. */
export interface RunStores {
  readonly mongo: Store;
  readonly redis: Store;
}

/** Those that `MONGODB_URI` and `REDIS_URL` name, as long as they are set; others are started, and end with the measurement. */
export async function storesFor(
  redis: 'embedded' | 'server',
  { database, prefix }: { readonly database: string; readonly prefix: string },
): Promise<RunStores> {
  const { MONGODB_URI, REDIS_URL } = process.env;
  return {
    mongo: MONGODB_URI
      ? given('the MongoDB of MONGODB_URI', { MONGODB_URI }, () => dropDatabase(MONGODB_URI, database))
      : await embedded('mongo'),
    redis: REDIS_URL
      ? given('the Redis of REDIS_URL', { REDIS_URL }, () => dropKeys(REDIS_URL, prefix))
      : await started(redis),
  };
}

async function started(kind: 'embedded' | 'server'): Promise<Store> {
  const store = kind === 'server' ? await redisServer() : await embedded('redis');
  if (!store) throw new Error('No redis-server is installed.');
  return store;
}

/** What it uses is not seen from here; it gets back as it was. */
const given = (name: string, addresses: Store['addresses'], stop: Store['stop']): Store => ({
  name,
  addresses,
  uri: Object.values(addresses)[0] ?? '',
  pids: [],
  startMs: Number.NaN,
  memoryBytes: () => Number.NaN,
  stop,
});

async function dropDatabase(uri: string, name: string): Promise<void> {
  const client = await mongo.MongoClient.connect(uri);
  await client.db(name).dropDatabase();
  await client.close();
}

async function dropKeys(url: string, prefix: string): Promise<void> {
  const client = new Redis(url);
  for await (const keys of client.scanStream({ match: `${prefix}:*`, count: 1_000 }))
    if ((keys as string[]).length > 0) await client.unlink(keys as string[]);
  client.disconnect();
}
