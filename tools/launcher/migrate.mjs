import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { startChild } from './child.mjs';
import { childEnvironment, nodeCommand } from './environment.mjs';

const ENTRY = 'dist/apps/cli/src/main.js';

/**
 * Brings the database to what the code expects, before anything of ours works with it. In production that is a step
 * of the deployment; whoever develops should not have to think of it.
 * @param {object} options
 * @param {string} options.root
 * @param {AbortSignal} options.signal
 * @param {import('./terminal.mjs').Terminal} options.terminal
 * @param {() => Record<string, string>} options.stores
 * @returns {Promise<boolean>} false when it failed, which has been said
 */
export async function migrate({ root, signal, terminal, stores }) {
  if (!existsSync(join(root, ENTRY))) return true;
  const name = 'migrate';
  const child = startChild({
    name,
    command: [...nodeCommand(root), '--enable-source-maps', ENTRY, 'migrate', 'up'],
    cwd: root,
    env: { ...childEnvironment(root, process.env), ...stores() },
    onLine: (text, isError) => terminal.childLine(name, text, isError),
  });
  const end = () => child.kill();
  signal.addEventListener('abort', end, { once: true });
  process.once('exit', end);
  const { code } = await child.exit;
  process.off('exit', end);
  signal.removeEventListener('abort', end);
  if (code !== 0 && !signal.aborted)
    terminal.complain('The database could not be brought up to date; nothing is started.');
  return code === 0;
}
