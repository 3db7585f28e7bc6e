import { ConfigError, type AppEnv, type DatabaseEnv } from '@flowmate/config';
import { mongo } from 'mongoose';

/** As long as the api waits for its database at any other time. */
const SELECTION_TIMEOUT_MS = 5_000;

/**
 * The embedded store is for one machine and says so in its `buildInfo`; production on it would lose everything
 * with one disk. Answers whether the store could be asked: one that is down is a matter for health checks.
 */
export async function refuseEmbeddedStore(app: AppEnv, { uri }: DatabaseEnv): Promise<boolean> {
  if (!app.isProduction || !uri) return true;
  const info = await buildInfo(uri.reveal());
  if (info?.['flowmateEmbedded'] === true)
    throw new ConfigError([
      {
        name: 'MONGODB_URI',
        rule: 'names the embedded store of `npm start`, which is for trying and developing; production needs a MongoDB replica set',
      },
    ]);
  return info !== undefined;
}

/** Its own errors quote the address, password and all. */
function clientOf(uri: string): mongo.MongoClient {
  try {
    return new mongo.MongoClient(uri, { serverSelectionTimeoutMS: SELECTION_TIMEOUT_MS });
  } catch {
    throw new ConfigError([{ name: 'MONGODB_URI', rule: 'is no address that the MongoDB driver understands' }]);
  }
}

async function buildInfo(uri: string): Promise<mongo.Document | undefined> {
  const client = clientOf(uri);
  try {
    return await client.db().admin().buildInfo();
  } catch (error) {
    if (error instanceof mongo.MongoError) return undefined;
    throw error;
  } finally {
    await client.close();
  }
}
