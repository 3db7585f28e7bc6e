import { chmodSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { EMBEDDED_MONGO, EMBEDDED_REDIS } from './embedded.ts';
import { closeFolder, holdsData, openFolder, withoutStack, type DataFolder } from './folder.ts';
import { Keeper } from './keeper.ts';
import type { Limits } from './limits.ts';
import type { Log } from './log.ts';
import { findMongod, keptPort } from './mongod.ts';
import { findRedisServer, REDIS_SERVER_FILES } from './redis-server.ts';
import { residentBytes } from './resident-bytes.ts';
import type { StoresError } from './stores-error.ts';
import type { StoreName, Variant } from './variant.ts';

/** `installed` prefers redis-server and mongod where they are, `embedded` always takes our own. */
type Preference = 'installed' | 'embedded';

export interface StoresOptions {
  readonly folder: string;
  /** Ports that are wanted; a free one otherwise. */
  readonly ports?: Partial<Record<StoreName, number>>;
  /** false: without this store. */
  readonly mongo?: Preference | false;
  readonly redis?: Preference | false;
  readonly log?: Log;
  readonly limits?: Partial<Limits>;
  /** Ends a start that has not succeeded yet. */
  readonly signal?: AbortSignal;
}

interface RunningStore {
  readonly store: StoreName;
  readonly name: string;
  readonly title: string;
  readonly port: number;
  readonly pid: number | undefined;
  readonly residentBytes: number | undefined;
}

export interface Stores {
  /** With user and password; absent when the store was not wanted. */
  readonly mongoUri: string | undefined;
  readonly redisUrl: string | undefined;
  /** Settles with the reason when a server crashed too often; the others still run. */
  readonly failed: Promise<StoresError>;
  running(): RunningStore[];
  /** Orderly, and complete when it settles. */
  stop(): Promise<void>;
}

/** Starts MongoDB and Redis for this machine, or what stands in for them, and keeps them running. */
export async function startStores(options: StoresOptions): Promise<Stores> {
  const log = options.log ?? ((): void => undefined);
  const variants = chooseVariants(options);
  const folder = await openFolder(resolve(options.folder), log);
  let fail: (error: StoresError) => void = () => undefined;
  const failed = new Promise<StoresError>((settle) => (fail = settle));
  const keepers: Keeper[] = [];
  function onProcess(): void {
    folder.lock.update({ processes: keepers.flatMap((keeper) => keeper.process ?? []) });
  }
  const onEnd = (): void => keepers.forEach((keeper) => keeper.kill());
  process.once('exit', onEnd); // a fault of our own must not leave servers behind
  const end = async (): Promise<void> => {
    await Promise.all(keepers.map((keeper) => keeper.stop()));
    process.off('exit', onEnd);
    closeFolder(folder);
  };
  let ended: Promise<void> | undefined;
  const stop = (): Promise<void> => (ended ??= end());
  const onWish = (): void => void stop();
  options.signal?.addEventListener('abort', onWish);
  try {
    options.signal?.throwIfAborted();
    for (const variant of variants) keepers.push(keeperOf({ variant, folder, options, log, fail, onProcess }));
    for (const variant of variants) announce(variant, folder.path, log);
    await Promise.all(keepers.map((keeper) => keeper.start()));
  } catch (error) {
    await stop();
    throw withoutStack(error, folder.path);
  } finally {
    options.signal?.removeEventListener('abort', onWish);
  }
  const uriOf = (store: StoreName): string | undefined => {
    const keeper = keepers.find(({ variant }) => variant.store === store);
    return keeper?.variant.uri(keeper.port, folder.passwords[store]);
  };
  return {
    mongoUri: uriOf('mongo'),
    redisUrl: uriOf('redis'),
    failed,
    running: () => keepers.map(describe),
    stop,
  };
}

function chooseVariants({ mongo = 'installed', redis = 'installed' }: StoresOptions): Variant[] {
  const isForced = process.env['FLOWMATE_EMBEDDED_STORES'] === 'embedded';
  const isInstalledWanted = (preference: Preference | false): boolean => preference === 'installed' && !isForced;
  return [
    ...(mongo === false ? [] : [(isInstalledWanted(mongo) && findMongod()) || EMBEDDED_MONGO]),
    ...(redis === false ? [] : [(isInstalledWanted(redis) && findRedisServer()) || EMBEDDED_REDIS]),
  ];
}

interface KeeperParts {
  readonly variant: Variant;
  readonly folder: DataFolder;
  readonly options: StoresOptions;
  readonly log: Log;
  readonly fail: (error: StoresError) => void;
  readonly onProcess: () => void;
}

function keeperOf({ variant, folder, options, log, fail, onProcess }: KeeperParts): Keeper {
  const own = join(folder.path, variant.name);
  mkdirSync(own, { recursive: true, mode: 0o700 });
  chmodSync(own, 0o700); // it may have been made by something less careful
  const port = options.ports?.[variant.store] ?? keptPort(join(own, 'port')) ?? 0;
  return new Keeper({
    variant,
    place: { folder: own, port, password: folder.passwords[variant.store] },
    log,
    onProcess,
    onGivenUp: fail,
    limits: options.limits,
  });
}

/** Where each store may have kept data, whichever variant is used now. */
const FOLDERS: Record<StoreName, readonly string[]> = {
  mongo: ['mongo-embedded', 'mongod'],
  redis: ['redis-wasm', 'redis-server'],
};

function announce(variant: Variant, path: string, log: Log): void {
  const where = join(path, variant.name);
  log({ store: variant.name, level: 'info', message: `${variant.title}, data in ${where}` });
  for (const other of FOLDERS[variant.store].filter((name) => name !== variant.name)) {
    if (!holdsData(join(path, other), REDIS_SERVER_FILES)) continue;
    const message = `data of the other store is in ${join(path, other)}; it is not used now`;
    log({ store: variant.name, level: 'warn', message });
  }
}

function describe({ variant, port, process: running }: Keeper): RunningStore {
  const { store, name, title } = variant;
  return { store, name, title, port, pid: running?.pid, residentBytes: running && residentBytes(running.pid) };
}
