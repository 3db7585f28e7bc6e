import { spawnSync } from 'node:child_process';

/** Room for what a chatty child says: all manifests of a chart, or a build. */
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

/**
 * Runs a command to its end.
 * @param {string} command
 * @param {string[]} args
 * @param {import('node:child_process').SpawnSyncOptions} [options]
 * @returns {{ code: number, output: string, stdout: string }}
 */
export function run(command, args, options = {}) {
  const child = spawnSync(command, args, { stdio: 'pipe', ...options, encoding: 'utf8', maxBuffer: MAX_OUTPUT_BYTES });
  if (child.error) return { code: 127, output: `${command}: ${child.error.message}`, stdout: '' };
  const stdout = child.stdout ?? '';
  return { code: child.status ?? 1, output: `${stdout}${child.stderr ?? ''}`.trim(), stdout };
}
