import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

export const SOURCE_FOLDERS = ['apps', 'libs'];
const ROOT_FILES = /^(nest-cli\.json|tsconfig.*\.json|\.swcrc|package\.json|package-lock\.json)$/;
/** What the build leaves out (nest-cli.json), and prose. */
const NOT_BUILT = /(\.spec\.ts|\.e2e-spec\.ts|\.md|~|\.swp)$|(^|\/)(test|node_modules)(\/|$)|^libs\/testing(\/|$)/;

/**
 * @param {string} path   relative to the root, with slashes
 * @returns {boolean}
 */
function isBuilt(path) {
  return !NOT_BUILT.test(path);
}

/** @param {string | Buffer} content */
export function digest(content) {
  return createHash('sha256').update(content).digest('hex');
}

/**
 * Everything the build depends on, by content: a checkout or a copy has new times but the same sources.
 * @param {string} root
 * @returns {Map<string, string>} path → digest, in a stable order
 */
export function sourceDigests(root) {
  const paths = readdirSync(root).filter((name) => ROOT_FILES.test(name));
  for (const folder of SOURCE_FOLDERS) collect(root, folder, paths);
  return new Map(paths.sort().flatMap((path) => digestOf(root, path)));
}

/**
 * @param {string} root
 * @param {string} path
 * @returns {[path: string, digest: string][]}
 */
function digestOf(root, path) {
  try {
    return [[path, digest(readFileSync(join(root, path)))]];
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT') return []; // an editor's temporary file
    throw error;
  }
}

/**
 * @param {string} root
 * @param {string} folder
 * @param {string[]} paths
 */
function collect(root, folder, paths) {
  if (!existsSync(join(root, folder))) return;
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = `${folder}/${entry.name}`;
    if (!isBuilt(path)) continue;
    if (entry.isDirectory()) collect(root, path, paths);
    else if (entry.isFile()) paths.push(path);
  }
}

/**
 * @param {Map<string, string>} digests
 * @returns {string}
 */
export function combined(digests) {
  return digest([...digests].map(([path, content]) => `${path} ${content}`).join('\n'));
}
