import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { STORE_NOTES, banner, offers } from './banner.mjs';
import { startChild } from './child.mjs';
import { childEnvironment, nodeCommand } from './environment.mjs';
import { Fleet } from './fleet.mjs';
import { LaunchError } from './launch-error.mjs';
import { MISCONFIGURED } from './limits.mjs';
import { migrate } from './migrate.mjs';
import { busy, refusedPort } from './port.mjs';
import { FRONT, INSIDE } from './project.mjs';
import { reloadOnSave } from './reload.mjs';
import { SignInLink } from './sign-in-link.mjs';
import { storesOf } from './stores.mjs';
import { waitUntilReady } from './ready.mjs';

/**
 * @typedef {import('./port.mjs').PlacedChild} PlacedChild
 *
 * @typedef {object} Run
 * @property {string} root
 * @property {string} host
 * @property {readonly PlacedChild[]} children   in the order of starting
 * @property {number} started                    when the launcher began
 * @property {AbortSignal} signal
 * @property {import('./terminal.mjs').Terminal} terminal
 * @property {import('./lock.mjs').Lock} lock
 * @property {Partial<typeof import('./limits.mjs').LIMITS>} [limits]
 * @property {boolean} watch
 */

/**
 * Starts what was built, and stays until somebody wants it to stop or it cannot go on.
 * @param {Run} options
 * @returns {Promise<number>} the exit code
 */
export async function run({ root, host, started, signal, terminal, lock, limits, watch, ...options }) {
  const children = options.children.filter(({ entry }) => existsSync(join(root, entry)));
  if (children.length === 0) throw new LaunchError('The build made nothing that could be started.');
  const stores = storesOf(root, terminal);
  const names = [...(stores ? [stores.member.name] : []), ...children.map(({ name }) => name)];
  const link = new SignInLink(root, process.env);
  const told = () => ({ ...stores?.environment() });
  const fleet = new Fleet({
    base: stores?.member,
    prepare: () => migrate({ root, signal, terminal, stores: told }),
    members: children.map((child) =>
      memberOf(child, root, terminal, () => ({ ...told(), ...(child.name === FRONT ? link.environment : {}) })),
    ),
    limits,
    survivesCrashes: watch,
    reports: {
      terminal,
      onProcesses: () => lock.update({ processes: fleet.processes }),
      onReady: onceAllAreReady(names, {
        first: async () => {
          const tookMs = performance.now() - started;
          const front = originOf(children, FRONT);
          const signIn = await link.ask(front, signal);
          const trial = await link.askForTrial(front, signal);
          if (signal.aborted) return;
          const rows = [...offers(front, originOf(children, INSIDE), { signIn, trial }), ...(stores?.rows() ?? [])];
          terminal.say(banner({ version: versionOf(root), names, tookMs, rows, notes: stores ? STORE_NOTES : [] }));
          reloading?.warmUp();
        },
        again: (name) => terminal.say(`${name} is ready again`),
      }),
    },
  });
  process.once('exit', () => fleet.kill()); // a fault of our own, or force, must not leave processes behind
  fleet.start();
  const restart = (/** @type {readonly string[]} */ names) => fleet.restart(names);
  const reloading = watch ? reloadOnSave({ root, children, signal, terminal, restart }) : undefined;
  const { exitCode, crash } = await Promise.race([fleet.over, wishToStop(signal)]);
  reloading?.stop();
  if (signal.aborted) terminal.say('stopping …');
  await fleet.stop();
  if (crash) terminal.complain(await advice(crash, children, host));
  return exitCode;
}

/**
 * @param {AbortSignal} signal
 * @returns {Promise<import('./fleet.mjs').Verdict>}
 */
function wishToStop(signal) {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve({ exitCode: 0 }), { once: true });
  });
}

/**
 * @param {PlacedChild} child
 * @param {string} root
 * @param {import('./terminal.mjs').Terminal} terminal
 * @param {() => Record<string, string>} stores   where they are, once they run, and what else the process is told
 * @returns {import('./fleet.mjs').Member}
 */
function memberOf({ name, entry, ports, origin, healthPath }, root, terminal, stores) {
  const command = [...nodeCommand(root), '--enable-source-maps', entry];
  const chosen = Object.fromEntries(
    ports.filter(({ isChosen }) => isChosen).map(({ variable, port }) => [variable, `${port}`]),
  );
  const onLine = (/** @type {string} */ text, /** @type {boolean} */ isError) =>
    terminal.childLine(name, text, isError);
  const env = () => ({ ...childEnvironment(root, process.env), ...chosen, ...stores() });
  const healthUrl = `${origin}${healthPath}`;
  return {
    name,
    awaited: `an answer of ${healthUrl}`,
    isReady: ({ ended }) => waitUntilReady(healthUrl, ended),
    spawn: () => startChild({ name, command, cwd: root, env: env(), onLine }),
  };
}

/**
 * @param {readonly string[]} names
 * @param {{ first: () => void | Promise<void>, again: (name: string) => void }} then
 * @returns {(name: string) => void}
 */
function onceAllAreReady(names, { first, again }) {
  const awaited = new Set(names);
  return (name) => {
    if (awaited.size === 0) return again(name);
    awaited.delete(name);
    if (awaited.size === 0) void first();
  };
}

/**
 * @param {readonly PlacedChild[]} children
 * @param {string} wanted
 */
const originOf = (children, wanted) => children.find(({ name }) => name === wanted)?.origin;

/** @param {string} root */
const versionOf = (root) => JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version;

/**
 * What to do about an end that starting again cannot help.
 * @param {import('./child.mjs').Child} crash
 * @param {readonly PlacedChild[]} children
 * @param {string} host
 * @returns {Promise<string>}
 */
async function advice(crash, children, host) {
  const port = refusedPort(crash.lastLines);
  if (port !== null) {
    const own = children.find(({ name }) => name === crash.name)?.ports;
    if (!own)
      return `Another program took port ${port} while ${crash.name} did not run. Start again: they take another one.`;
    const inUse = own.find((candidate) => candidate.port === port) ?? own[0];
    return (await busy({ variable: inUse?.variable ?? 'PORT', port }, host)).message;
  }
  return `${crash.name} ended with code ${MISCONFIGURED}: its settings are wrong. Set them in the environment or in .env, then start again.`;
}
