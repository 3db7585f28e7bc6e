import { existsSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { digest } from './content-hash.mjs';
import { LaunchError } from './launch-error.mjs';
import { prepare } from './prepare.mjs';
import { ROOT } from './project.mjs';
import { runCommand, withoutProjectBinaries } from './run-command.mjs';
import { onStopWish } from './signals.mjs';
import { createTerminal, exitCodeOf } from './terminal.mjs';

/** @typedef {{ root: string, signal?: AbortSignal, terminal: import('./terminal.mjs').Terminal }} Preparation */

// NODE_ENV=production must not leave out the compiler; Node 24 itself is an optional dependency.
const NPM_CI = ['ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund'];

/**
 * Installs exactly what the lock says, and only when that is not what is there.
 * @param {Preparation} preparation
 */
export async function install({ root, signal, terminal }) {
  const lockText = readFileSync(join(root, 'package-lock.json'), 'utf8');
  const marker = join(root, 'node_modules', '.flowmate-lock');
  const wanted = digest(lockText);
  if (existsSync(marker) && readFileSync(marker, 'utf8') === wanted) return;
  if (!isInstalled(root, lockText)) {
    rmSync(marker, { force: true });
    await terminal.step('installing dependencies', 'dependencies installed', async () => {
      const env = withoutProjectBinaries(root, process.env);
      const { code, output } = await runCommand('npm', NPM_CI, { cwd: root, env, signal });
      signal?.throwIfAborted();
      if (code !== 0) throw new LaunchError('npm ci failed; nothing was started. What npm says is above.', { output });
    });
  }
  // A project without dependencies has no such folder, and nothing to remember.
  if (existsSync(join(root, 'node_modules'))) writeFileSync(marker, wanted);
}

/**
 * Whether somebody ran npm themselves: npm writes what it installed into a lock of its own, last of all.
 * @param {string} root
 * @param {string} lockText
 */
function isInstalled(root, lockText) {
  const hidden = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(hidden)) return false;
  const { '': _project, ...wanted } = packages(lockText);
  const installed = packages(readFileSync(hidden, 'utf8'));
  const asWanted = Object.entries(installed).every(([path, { version }]) => wanted[path]?.version === version);
  // Packages for other platforms are in the lock and not on the disk; our own Node is optional as well.
  const ownNode = `node_modules/node-${process.platform}-${process.arch}`;
  const mayMiss = (/** @type {string} */ path) => wanted[path]?.optional === true && path !== ownNode;
  return asWanted && Object.keys(wanted).every((path) => path in installed || mayMiss(path));
}

/**
 * @param {string} lockText
 * @returns {Record<string, { version?: string, optional?: boolean }>}
 */
function packages(lockText) {
  return JSON.parse(lockText).packages ?? {};
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const stopping = new AbortController();
  onStopWish({ stop: () => stopping.abort() });
  const terminal = createTerminal();
  const code = await exitCodeOf(terminal, stopping.signal, async () => {
    await prepare({ root: ROOT, signal: stopping.signal, terminal }, [install]);
    return 0;
  });
  process.exit(code);
}
