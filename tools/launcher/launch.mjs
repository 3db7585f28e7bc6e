import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { build } from './build.mjs';
import { settings } from './environment.mjs';
import { install } from './install.mjs';
import { LaunchError } from './launch-error.mjs';
import { claim } from './lock.mjs';
import { HELP, readOptions } from './options.mjs';
import { endOrphans } from './orphans.mjs';
import { place, reachableHost, requireFree } from './port.mjs';
import { homeOf, prepare } from './prepare.mjs';
import { FRONT } from './project.mjs';
import { reset } from './reset.mjs';
import { run } from './run.mjs';
import { onStopWish } from './signals.mjs';
import { createTerminal, exitCodeOf } from './terminal.mjs';

/** 128 + SIGINT, as a shell reports it: ended by force, in no order. */
const FORCED = 130;

/**
 * @typedef {object} Launch
 * @property {string} root
 * @property {string[]} argv
 * @property {readonly import('./project.mjs').ChildSpec[]} children   in the order of starting
 * @property {Partial<typeof import('./limits.mjs').LIMITS>} [limits]
 */

/**
 * Everything between `npm start` and its exit code.
 * @param {Launch} launch
 * @returns {Promise<number>}
 */
export async function launch({ root, argv, children, limits }) {
  const started = performance.now();
  const terminal = createTerminal();
  const stopping = new AbortController();
  const { signal } = stopping;
  onStopWish({ stop: () => stopping.abort(), force: () => process.exit(FORCED) });
  return exitCodeOf(terminal, signal, async () => {
    const options = readOptions(argv);
    if (options.help) {
      terminal.say(HELP);
      return 0;
    }
    const set = settings(root, process.env);
    const host = reachableHost(set);
    const placed = await place(children, set, host);
    const lock = await becomeTheOnlyOne(root, placed, terminal);
    process.once('exit', lock.release);
    if (options.reset) {
      await reset(homeOf(root), { yes: options.yes, signal, terminal });
      return 0;
    }
    const here = placed.filter(({ folder }) => existsSync(join(root, folder)));
    await requireFree(
      here.flatMap(({ ports }) => ports),
      host,
    );
    await prepare({ root, signal, terminal }, [install, build]);
    signal.throwIfAborted();
    return run({ root, host, children: placed, started, signal, terminal, lock, limits, watch: options.watch });
  });
}

/**
 * @param {string} root
 * @param {readonly import('./port.mjs').PlacedChild[]} placed
 * @param {import('./terminal.mjs').Terminal} terminal
 */
async function becomeTheOnlyOne(root, placed, terminal) {
  const url = placed.find(({ name }) => name === FRONT)?.origin;
  const { lock, holder } = await claim(homeOf(root), 'start', { url });
  if (!lock) {
    // The Swedish way of writing a date is ISO's, in local time.
    const since = new Date(holder.since).toLocaleString('sv');
    throw new LaunchError(
      `FlowMate is already running in this folder: process ${holder.pid}, since ${since}, ${holder.url ?? 'without an api'}\n` +
        `Stop it with Ctrl-C where it runs, or: kill ${holder.pid}`,
    );
  }
  const ended = await endOrphans(lock.abandoned);
  if (ended.length > 0) terminal.say(`ended what a killed start had left running: ${ended.join(', ')}`);
  lock.forgetAbandoned();
  return lock;
}
