import { ConfigError } from '@flowmate/config';
import type { mongo } from 'mongoose';

/** The oldest MongoDB that is maintained and tested with. */
const MIN_VERSION = 7;

/**
 * What is wrong with a store for production. The embedded one is for one machine and says so in its `buildInfo`;
 * a MongoDB that is no replica set acknowledges what it can still lose, and keeps no retried write apart.
 */
export async function unfitness(admin: mongo.Admin): Promise<ConfigError | undefined> {
  const info = await admin.buildInfo();
  if (info['flowmateEmbedded'] === true)
    return refusal(
      'names the embedded store of `npm start`, which is for trying and developing; production needs a MongoDB replica set',
    );
  const hello = await admin.command({ hello: 1 });
  if (hello['setName'] === undefined && hello['msg'] !== 'isdbgrid')
    return refusal('names a MongoDB that is no replica set; a set of one node is enough');
  if (Number((info['versionArray'] as number[] | undefined)?.[0]) < MIN_VERSION)
    return refusal(`names a MongoDB that is older than ${MIN_VERSION}.0`);
  return undefined;
}

export const refusal = (rule: string): ConfigError => new ConfigError([{ name: 'MONGODB_URI', rule }]);
