import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { combined, sourceDigests } from './content-hash.mjs';
import { LaunchError } from './launch-error.mjs';
import { runCommand, withoutProjectBinaries } from './run-command.mjs';
import { findRuntime } from './runtime.mjs';

/** @typedef {import('./install.mjs').Preparation} Preparation */

/** @param {string} root */
const markerOf = (root) => join(root, 'dist', '.flowmate-build');

/**
 * Builds from scratch when the sources are not those of the last good build. The marker is written last,
 * and the build begins with deleting it: an interrupted build is no build.
 * @param {Preparation} preparation
 */
export async function build({ root, signal, terminal }) {
  const wanted = combined(sourceDigests(root));
  const marker = markerOf(root);
  if (existsSync(marker) && readFileSync(marker, 'utf8') === wanted) return;
  await terminal.step('building', 'built', async () => {
    rmSync(marker, { force: true });
    const { code, output } = await runCommand('npm', ['run', '--silent', 'build'], {
      cwd: root,
      env: buildEnvironment(root),
      signal,
    });
    signal?.throwIfAborted();
    if (code !== 0) throw new LaunchError('The build failed; nothing was started.', { output });
  });
  if (existsSync(join(root, 'dist'))) writeFileSync(marker, wanted);
}

/**
 * Builds into what is there, for a reload: the clean build would take the running files away.
 * @param {object} change
 * @param {string} change.root
 * @param {Map<string, string>} change.digests
 * @param {string[]} change.removed
 * @param {import('./compiler.mjs').Compiler} change.compiler
 * @returns {Promise<{ isGood: boolean, output: string }>}
 */
export async function rebuild({ root, digests, removed, compiler }) {
  const marker = markerOf(root);
  rmSync(marker, { force: true });
  for (const path of removed) removeOutput(root, path);
  const result = await compiler.compile();
  if (result.isGood) writeFileSync(marker, combined(digests));
  return result;
}

/**
 * @param {string} root
 * @param {string} source
 */
function removeOutput(root, source) {
  const output = join(root, 'dist', source.replace(/\.ts$/, '.js'));
  for (const path of [output, `${output}.map`]) rmSync(path, { force: true });
}

/**
 * The build's tools need the project's Node, which npm finds through `node_modules/.bin`, or the one that
 * stands in for it.
 * @param {string} root
 */
export function buildEnvironment(root) {
  const plain = withoutProjectBinaries(root, process.env);
  return { ...plain, PATH: `${dirname(findRuntime(root))}${delimiter}${plain['PATH']}` };
}
