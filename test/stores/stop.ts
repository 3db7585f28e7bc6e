// Jest loads this file by itself, so it may import types only.
import type { Running } from './start.js';

/** After a project; a query of ours that no index served fails the run. */
// oxlint-disable-next-line import/no-default-export -- Jest asks for it
export default async function stop(): Promise<void> {
  const running = globalThis as Running;
  const stores = running.flowmateStores;
  if (!stores) return;
  running.flowmateStores = undefined;
  await stores.stop();
  if (stores.scans.length > 0) throw new Error(['Queries of ours need an index:', ...stores.scans].join('\n'));
}
