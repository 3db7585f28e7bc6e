import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { closeFolder, openFolder, ownVersion } from './folder.ts';
import type { LogLine } from './log.ts';
import { startStores, type Stores } from './start-stores.ts';
import { StoresError } from './stores-error.ts';

const HELP = `flowmate-embedded ${ownVersion()}: MongoDB and Redis for one machine, with nothing to install

Usage: node tools/embedded/main.ts [options]

Starts redis-server and mongod when they are on PATH (or MONGOD_BIN names one), and servers of its
own otherwise: Valkey compiled to WebAssembly, and a strict subset of MongoDB on SQLite. Both listen
on 127.0.0.1 only and ask for a generated password.

Options
  --data <folder>        where the data is (.flowmate/stores)
  --mongo-port <port>    a free one unless said
  --redis-port <port>    a free one unless said
  --only mongo|redis     starts only this one
  --json                 one line of JSON when ready, with the passwords
  --fsck                 checks the files of the embedded Mongo, then ends
  --help                 shows this text

FLOWMATE_EMBEDDED_STORES=embedded always takes the servers of its own.

Not for
  production: no replica, no backup, no encryption, one file system
  several machines: it listens on the loopback address only
  large data: 1 GB in Redis, a few GB in Mongo
  transactions over several documents, change streams, sharding: refused by the embedded Mongo
  Redis data that must outlive a crash: the embedded Redis loses up to 30 s of it
`;

const MEBIBYTE = 1024 * 1024;
const MAX_PORT = 65_535;

interface Options {
  readonly folder: string;
  readonly ports: { mongo?: number; redis?: number };
  readonly only: string | undefined;
  readonly isJson: boolean;
  readonly isCheck: boolean;
  readonly isHelp: boolean;
}

/** Runs until a signal, the end of whoever started it, or a failure; returns the exit code. */
export async function runEmbedded(args: readonly string[]): Promise<number> {
  try {
    const options = readOptions(args);
    if (options.isHelp) process.stdout.write(HELP);
    else if (options.isCheck) return await check(options.folder);
    else return await serve(options);
    return 0;
  } catch (error) {
    if (!(error instanceof StoresError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 1;
  }
}

function readOptions(args: readonly string[]): Options {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean', default: false } as const;
  const names = { data: text, 'mongo-port': text, 'redis-port': text, only: text, json: flag, fsck: flag, help: flag };
  let values;
  try {
    ({ values } = parseArgs({ args: [...args], options: names }));
  } catch (error) {
    throw new StoresError(`${(error as Error).message}\n\n${HELP}`, { cause: error });
  }
  const { only } = values;
  if (only !== undefined && only !== 'mongo' && only !== 'redis') {
    throw new StoresError(`--only is mongo or redis, not ${only}.`);
  }
  if (values.data === '') throw new StoresError('--data names no folder.');
  return {
    folder: values.data ?? join('.flowmate', 'stores'),
    ports: { ...portOf('mongo', values['mongo-port']), ...portOf('redis', values['redis-port']) },
    only,
    isJson: values.json,
    isCheck: values.fsck,
    isHelp: values.help,
  };
}

function portOf(store: 'mongo' | 'redis', text: string | undefined): { mongo?: number; redis?: number } {
  if (text === undefined) return {};
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= MAX_PORT) return { [store]: port };
  throw new StoresError(`--${store}-port is no port: ${text}`);
}

async function serve({ folder, ports, only, isJson }: Options): Promise<number> {
  const wish = wishToStop();
  let failure: StoresError | undefined;
  try {
    const stores = await startStores({
      folder,
      ports,
      log: printLine,
      signal: wish,
      ...(only === 'mongo' && { redis: false }),
      ...(only === 'redis' && { mongo: false }),
    });
    process.stdout.write(isJson ? `${JSON.stringify(ready(stores))}\n` : table(stores));
    if (process.connected) process.send?.(ready(stores));
    failure = await Promise.race([aborted(wish), stores.failed]);
    await stores.stop();
  } catch (error) {
    if (!wish.aborted) throw error; // a start that was called off did not fail
  }
  if (process.connected) process.disconnect(); // an open channel would keep this process alive
  if (!failure) return 0;
  process.stderr.write(`${failure.message}\n`);
  return 1;
}

function wishToStop(): AbortSignal {
  const wish = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => wish.abort());
  process.once('disconnect', () => wish.abort()); // whoever started this has ended
  return wish.signal;
}

async function aborted(signal: AbortSignal): Promise<undefined> {
  if (!signal.aborted) await once(signal, 'abort');
}

/** The only place where the passwords are told: to the process that started this one, or to who asked for JSON. */
function ready({ mongoUri, redisUrl, running }: Stores): object {
  return { ready: { mongoUri, redisUrl, running: running().map(({ title, port, pid }) => ({ title, port, pid })) } };
}

function table(stores: Stores): string {
  const rows = stores.running().map(({ title, port, pid, residentBytes = 0 }) => {
    const memory = `${Math.round(residentBytes / MEBIBYTE)} MB`;
    return `  ${title.padEnd(24)} 127.0.0.1:${String(port).padEnd(6)} process ${pid}, ${memory}\n`;
  });
  return `Ready. For trying, developing and testing on one machine, not for production.\n${rows.join('')}`;
}

/** Text beside the lines of the apps, which `npm start` wants as text too; JSON for machines. */
function printLine({ store, level, message }: LogLine): void {
  if (level === 'debug') return; // repeated when a server fails
  const time = new Date().toISOString();
  const isText = process.env['LOG_FORMAT'] === 'text';
  const line = isText
    ? `${time.slice(0, 19)}Z ${level} [-] ${store}: ${message}`
    : JSON.stringify({ time, level, store, message });
  process.stderr.write(`${line}\n`);
}

/** Under the lock of the folder, so that nobody writes while it is read. */
async function check(folder: string): Promise<number> {
  const opened = await openFolder(resolve(folder), printLine);
  try {
    const entry = join(import.meta.dirname, '..', 'mongo', 'main.ts');
    const quiet = '--disable-warning=ExperimentalWarning';
    const args = [quiet, entry, '--data', join(opened.path, 'mongo-embedded'), '--fsck'];
    const env = { ...process.env, FLOWMATE_EMBEDDED_PASSWORD: opened.passwords.mongo };
    const [code] = (await once(spawn(process.execPath, args, { stdio: 'inherit', env }), 'exit')) as [number | null];
    return code ?? 1;
  } finally {
    closeFolder(opened);
  }
}
