import { setTimeout as delay } from 'node:timers/promises';
import type { Child, Rest } from '../system/child.js';
import type { System } from '../system/system.js';
import type { Violation } from './invariants.js';

/** I10. */
const MAX_GROWTH = 1.1;
/** A tenth of a few is none: a timer or a connection more or less is how processes are. */
const FEW = 3;
/** Idle connections are kept for some seconds, and some things are remembered for a minute. */
const PATIENCE_MS = 15_000;
const LOOK_MS = 1_000;

const KINDS = ['heapBytes', 'timers', 'files'] as const;
const NAMES = { heapBytes: 'bytes of heap', timers: 'timers', files: 'open files' } as const;

const isBack = (kind: (typeof KINDS)[number], now: Rest, before: Rest): boolean =>
  now[kind] <= Math.max(before[kind] * MAX_GROWTH, before[kind] + FEW);

/** I10: whoever was there before the faults holds no more than it did then. Looks for as long as something may go yet. */
export async function heldBack(system: System): Promise<Violation[]> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const found = (await Promise.all([...system.rests].map(([child, before]) => grownIn(child, before)))).flat();
    if (found.length === 0 || performance.now() > deadline) return found;
    await delay(LOOK_MS);
  }
}

async function grownIn(child: Child, before: Rest): Promise<Violation[]> {
  if (!child.isRunning) return [];
  const now = await child.rest();
  return KINDS.filter((kind) => !isBack(kind, now, before)).map((kind) => ({
    rule: 'I10',
    what: `${child.name}: ${now[kind]} ${NAMES[kind]}, ${before[kind]} before`,
  }));
}

/** In a line: what the processes held before and hold now. */
export async function restsOf(system: System): Promise<string> {
  const all = [...system.rests].filter(([child]) => child.isRunning);
  const lines = await Promise.all(
    all.map(async ([child, before]) => {
      const now = await child.rest();
      const megabytes = [before, now].map(({ heapBytes }) => (heapBytes / 2 ** 20).toFixed(0)).join(' → ');
      return `${child.name} ${megabytes} MB, ${before.timers} → ${now.timers} timers, ${before.files} → ${now.files} files`;
    }),
  );
  return lines.join('; ');
}
