import type { Secret } from '../secret.js';
import { FromEnv } from '../setting.js';
import { secret } from '../setting-kinds.js';
import { IsMongoUri } from '../validators.js';

export class DatabaseEnv {
  static readonly title = 'Database';

  /** Holds a password, so it is a secret as a whole. */
  @FromEnv('MONGODB_URI', {
    kind: secret,
    doc: 'The MongoDB that keeps everything, a replica set of 7.0 or later. `npm start` brings one of its own when this is not set; production refuses that one.',
    example: 'mongodb://flowmate:password@localhost:27017/flowmate?replicaSet=rs0',
  })
  @IsMongoUri()
  uri: Secret | undefined;
}
