import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startChild } from './child.mjs';
import { childEnvironment, nodeCommand, settings } from './environment.mjs';

const ENTRY = 'tools/embedded/main.ts';
const DATA = '.flowmate/stores';
/** Which setting, when somebody names a server of their own, leaves which store out. */
const SETTINGS = { mongo: 'MONGODB_URI', redis: 'REDIS_URL' };

/**
 * @typedef {object} Ready
 * @property {string} [mongoUri]
 * @property {string} [redisUrl]
 * @property {{ title: string, port: number }[]} running
 *
 * @typedef {object} Stores
 * @property {import('./fleet.mjs').Member} member
 * @property {() => Record<string, string>} environment        what the apps have to know, once they are ready
 * @property {() => [label: string, value: string][]} rows
 */

/**
 * The stores of this checkout, for whoever named none of their own.
 * @param {string} root
 * @param {import('./terminal.mjs').Terminal} terminal
 * @returns {Stores | undefined}
 */
export function storesOf(root, terminal) {
  const set = settings(root, process.env);
  const wanted = Object.entries(SETTINGS).filter(([, variable]) => !set[variable]);
  if (wanted.length === 0 || !existsSync(join(root, ENTRY))) return undefined;
  const only = wanted.length === 1 ? ['--only', wanted[0]?.[0] ?? ''] : [];
  // WASI and SQLite warn that they are young; the Node version is fixed, so they do not change under us.
  const command = [...nodeCommand(root), '--disable-warning=ExperimentalWarning', ENTRY, '--data', DATA, ...only];
  const name = 'stores';
  /** @type {Ready} */
  let ready = { running: [] };
  return {
    member: {
      name,
      awaited: 'the word that they are ready',
      spawn: () =>
        startChild({
          name,
          command: [...command, ...samePorts(ready)],
          cwd: root,
          env: childEnvironment(root, process.env),
          onLine: (text, isError) => terminal.childLine(name, text, isError),
        }),
      isReady: async (child) => {
        const message = await messageOf(child);
        if (message) {
          ready = message;
          tell(root, child, message);
        }
        return message !== undefined;
      },
    },
    environment: () => ({
      ...(ready.mongoUri && { [SETTINGS.mongo]: ready.mongoUri }),
      ...(ready.redisUrl && { [SETTINGS.redis]: ready.redisUrl }),
    }),
    rows: () => ready.running.map(({ title, port }) => [title, `127.0.0.1:${port}, data in ${DATA}`]),
  };
}

/**
 * The apps were told an address when they started; after a crash the stores have to be there again.
 * @param {Ready} ready   of the start before, if there was one
 */
function samePorts({ mongoUri, redisUrl }) {
  const addresses = Object.entries({ '--mongo-port': mongoUri, '--redis-port': redisUrl });
  return addresses.flatMap(([option, uri]) => (uri ? [option, new URL(uri).port] : []));
}

/**
 * For the command line in this checkout: it finds the stores as long as they run.
 * @param {string} root
 * @param {import('./child.mjs').Child} child
 * @param {Ready} ready
 */
function tell(root, child, { mongoUri, redisUrl }) {
  const file = join(root, DATA, 'addresses.env');
  const addresses = Object.entries({ [SETTINGS.mongo]: mongoUri, [SETTINGS.redis]: redisUrl });
  const lines = addresses.flatMap(([name, uri]) => (uri ? [`${name}="${uri}"`] : []));
  // It holds passwords.
  mkdirSync(join(root, DATA), { recursive: true, mode: 0o700 });
  writeFileSync(file, `${lines.join('\n')}\n`, { mode: 0o600 });
  child.ended.addEventListener('abort', () => rmSync(file, { force: true }), { once: true });
}

/**
 * It comes over the channel and not as a line, because it holds passwords.
 * @param {import('./child.mjs').Child} child
 * @returns {Promise<Ready | undefined>} nothing when the child ended before
 */
function messageOf(child) {
  return new Promise((resolve) => {
    child.onMessage((/** @type {{ ready?: Ready }} */ { ready }) => ready && resolve(ready));
    child.ended.addEventListener('abort', () => resolve(undefined), { once: true });
  });
}
