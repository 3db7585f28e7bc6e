import { existsSync, watch } from 'node:fs';
import { join } from 'node:path';
import { SOURCE_FOLDERS, sourceDigests } from './content-hash.mjs';

/** Editors write a file in several steps, and formatters follow; this long nothing more must happen. */
const QUIET_MS = 60;

/**
 * On Linux, Node watches each file by itself and loses one that an editor replaces by renaming. So the folders
 * are also looked at this often; reading all sources takes about 10 ms.
 */
const SWEEP_MS = 500;

/**
 * @typedef {object} Change
 * @property {string[]} changed     added, changed and removed, relative to the root
 * @property {string[]} removed
 * @property {Map<string, string>} digests
 * @property {number} noticedAt
 */

/**
 * Tells about sources whose content changed. The file system's events only say when to look: they come
 * late, twice, without a name or for nothing.
 * @param {string} root
 * @param {(change: Change) => Promise<void>} onChange   never called again before it has settled
 * @returns {() => void} stops watching
 */
export function watchSources(root, onChange) {
  let known = sourceDigests(root);
  let isBusy = false;
  /** @type {number | undefined} */
  let noticedAt;
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  const look = async () => {
    if (isBusy || noticedAt === undefined) return;
    isBusy = true;
    const at = noticedAt;
    noticedAt = undefined;
    const digests = sourceDigests(root);
    const change = difference(known, digests);
    known = digests;
    if (change.changed.length > 0) await onChange({ ...change, digests, noticedAt: at });
    isBusy = false;
    void look(); // what was saved in the meantime
  };
  const notice = () => {
    noticedAt ??= performance.now();
    clearTimeout(timer);
    timer = setTimeout(() => void look(), QUIET_MS);
  };
  const sweep = setInterval(notice, SWEEP_MS);
  const watchers = SOURCE_FOLDERS.filter((folder) => existsSync(join(root, folder))).map((folder) =>
    watch(join(root, folder), { recursive: true }, notice),
  );
  return () => {
    clearInterval(sweep);
    clearTimeout(timer);
    for (const watcher of watchers) watcher.close();
  };
}

/**
 * @param {Map<string, string>} before
 * @param {Map<string, string>} after
 */
function difference(before, after) {
  const removed = [...before.keys()].filter((path) => !after.has(path));
  const written = [...after].filter(([path, content]) => before.get(path) !== content).map(([path]) => path);
  return { changed: [...written, ...removed], removed };
}
