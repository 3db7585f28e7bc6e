import { join } from 'node:path';
import { encodeCommand } from '../redis/resp.ts';
import { HOST } from './address.ts';
import { HELLO, message } from './mongo-ask.ts';
import type { Launch, Place, StoreName, Variant } from './variant.ts';

/** In MB, measured: while a gigabyte is loaded a third less memory than with Node's 16, and as fast. */
const MEMORY = ['--max-semi-space-size=4'];

/** Our own servers: same command line, same ready line. */
function ownServer(store: StoreName, { folder, port, password }: Place): Launch {
  const entry = join(import.meta.dirname, '..', store, 'main.ts');
  const quiet = '--disable-warning=ExperimentalWarning'; // WASI and SQLite; both are fixed by the Node version
  const more = store === 'mongo' ? ['--warn-scans'] : [];
  const command = [process.execPath, quiet, ...MEMORY, entry, '--data', folder, '--port', `${port}`, ...more];
  return { command, env: { FLOWMATE_EMBEDDED_PASSWORD: password } };
}

export const EMBEDDED_REDIS: Variant = {
  name: 'redis-wasm',
  store: 'redis',
  title: 'embedded Redis',
  prepare: (place) => ownServer('redis', place),
  untilReady: (_place, _child, listening) => listening,
  knock: encodeCommand(['PING']),
  uri: redisUrl,
};

export const EMBEDDED_MONGO: Variant = {
  name: 'mongo-embedded',
  store: 'mongo',
  title: 'embedded Mongo',
  prepare: (place) => ownServer('mongo', place),
  untilReady: (_place, _child, listening) => listening,
  knock: message(HELLO),
  uri: mongoUri,
};

export function redisUrl(port: number, password: string): string {
  return `redis://:${password}@${HOST}:${port}`;
}

/** A direct connection: the only member of its set, under an address that only this machine knows. */
export function mongoUri(port: number, password: string): string {
  return `mongodb://flowmate:${password}@${HOST}:${port}/flowmate?authSource=admin&directConnection=true`;
}
