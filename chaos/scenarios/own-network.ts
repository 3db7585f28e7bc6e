import { spawnSync } from 'node:child_process';
import { Namespace } from '../system/namespace.js';
import type { Outcome } from './scenario.js';

/** Why no process can have a network of its own here. */
export function needsNamespace(): string | undefined {
  if (process.getuid?.() !== 0) return 'only root may make a network';
  const isThere = ['ip', 'iptables'].every((file) => spawnSync(file, ['-V']).status === 0);
  return isThere ? undefined : 'needs ip and iptables';
}

export async function inNamespace(work: (space: Namespace) => Promise<Outcome>): Promise<Outcome> {
  const space = Namespace.make();
  if (!space) throw new Error('A network cannot be made here.');
  try {
    return await work(space);
  } finally {
    space.remove();
  }
}
