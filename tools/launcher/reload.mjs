import { buildEnvironment, rebuild } from './build.mjs';
import { Compiler } from './compiler.mjs';
import { findRuntime } from './runtime.mjs';
import { duration } from './terminal.mjs';
import { watchSources } from './watch.mjs';

/**
 * After every save: build, and replace the processes whose sources are concerned. A build that fails
 * leaves the old ones running; what it concerned waits for the next good one.
 * @param {object} options
 * @param {string} options.root
 * @param {readonly { name: string, folder: string }[]} options.children
 * @param {AbortSignal} options.signal
 * @param {import('./terminal.mjs').Terminal} options.terminal
 * @param {(names: readonly string[]) => Promise<boolean>} options.restart
 * @returns {{ warmUp: () => void, stop: () => void }}
 */
export function reloadOnSave({ root, children, signal, terminal, restart }) {
  const compiler = new Compiler({ root, runtime: findRuntime(root), env: buildEnvironment(root) });
  /** @type {Set<string>} */
  const concerned = new Set();
  const reload = async (/** @type {import('./watch.mjs').Change} */ { changed, removed, digests, noticedAt }) => {
    for (const path of changed) for (const name of childrenOf(path, children)) concerned.add(name);
    const { isGood, output } = await rebuild({ root, digests, removed, compiler });
    if (signal.aborted) return;
    if (!isGood) {
      terminal.complain(output.trimEnd());
      terminal.complain('The build failed; the processes built before keep running.');
      return;
    }
    const names = [...concerned];
    concerned.clear();
    const isReady = await restart(names);
    if (isReady) terminal.say(`reloaded ${names.join(', ')} in ${duration(performance.now() - noticedAt)}`);
  };
  const stopWatching = watchSources(root, async (change) => {
    await reload(change);
    if (!signal.aborted) compiler.warmUp();
  });
  const stop = () => {
    stopWatching();
    compiler.stop();
  };
  return { warmUp: () => compiler.warmUp(), stop };
}

/**
 * @param {string} path
 * @param {readonly { name: string, folder: string }[]} children
 */
function childrenOf(path, children) {
  const own = children.filter(({ folder }) => path.startsWith(`${folder}/`));
  return (own.length > 0 ? own : children).map(({ name }) => name);
}
