import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { LaunchError } from './launch-error.mjs';

/** Jest loads ESM packages with require(esm), which Node has since 24.9. */
const LEAST = [24, 9];

/**
 * The Node that runs the project: the one npm installed, else the one running this if it is new enough.
 * @param {string} root
 * @param {{ version?: string, execPath?: string }} [running]
 * @returns {string} path of the executable
 */
export function findRuntime(root, { version = process.versions.node, execPath = process.execPath } = {}) {
  const installed = join(root, 'node_modules', '.bin', 'node');
  if (existsSync(installed)) return installed;
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [leastMajor = 0, leastMinor = 0] = LEAST;
  if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) return execPath;
  throw new LaunchError(
    `FlowMate runs on Node ${LEAST.join('.')} or later. This is Node ${version}, and npm has no Node 24 for ` +
      `${process.platform}-${process.arch} among the packages of this project.\n` +
      'Install Node 24 from https://nodejs.org (or: nvm install 24), then start again.',
  );
}
