import { spawn } from 'node:child_process';
import { delimiter, join, sep } from 'node:path';
import { signalGroup } from './orphans.mjs';

/** After SIGTERM; npm and the compiler need far less to put down what they do. */
const KILL_AFTER_MS = 3_000;

/**
 * @param {string} command
 * @param {string[]} args
 * @param {object} options
 * @param {string} options.cwd
 * @param {Record<string, string | undefined>} options.env
 * @param {AbortSignal} [options.signal]
 * @param {import('node:child_process').StdioOptions} [options.stdio]   the default collects what it writes
 * @returns {Promise<{ code: number, output: string }>}
 */
export function runCommand(command, args, { cwd, env, signal, stdio = ['ignore', 'pipe', 'pipe'] }) {
  return new Promise((resolve, reject) => {
    // A group of its own: Ctrl-C reaches the launcher alone, which then ends the whole group.
    const child = spawn(command, args, { cwd, env, stdio, detached: true });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text) => (output += text));
    }
    const killGroup = () => child.pid && signalGroup(child.pid, 'SIGKILL');
    const stop = () => {
      if (child.pid) signalGroup(child.pid, 'SIGTERM');
      setTimeout(killGroup, KILL_AFTER_MS).unref();
    };
    process.once('exit', killGroup);
    signal?.addEventListener('abort', stop, { once: true });
    if (signal?.aborted) stop();
    child.once('error', reject);
    child.once('close', (code) => {
      process.off('exit', killGroup);
      signal?.removeEventListener('abort', stop);
      resolve({ code: code ?? 1, output });
    });
  });
}

/**
 * The environment for npm itself. npm puts the project's Node first in the PATH of its scripts; npm must
 * not run on a Node that it is about to delete and install again.
 * @param {string} root
 * @param {Record<string, string | undefined>} env
 */
export function withoutProjectBinaries(root, env) {
  const own = join(root, 'node_modules') + sep;
  const path = (env['PATH'] ?? '').split(delimiter).filter((entry) => !`${entry}${sep}`.startsWith(own));
  return { ...env, PATH: path.join(delimiter) };
}
