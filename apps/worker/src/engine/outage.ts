import type { JournalEntry } from '@flowmate/domain';

/** The first wait for a provider that is down; each further one is twice as long, up to the longest. */
const FIRST_MS = 30_000;
/** Whoever waits for days leaves some hundred lines a day in the journal. */
const LONGEST_MS = 900_000;
/** Nobody wants the answer any more, and the journal has grown by half a megabyte. */
const GIVEN_UP_AFTER_MS = 7 * 86_400_000;
/** By then it is known what became of the try of somebody else. */
const LOOK_AFTER_MS = 15_000;
/** A run is looked at in between: others may have found the provider back. Nothing is written for it. */
const LOOK_WITHIN_MS = 120_000;

/** How long a run has waited for somebody else by now, and how long it waits next. By the clock of the store. */
interface Outage {
  readonly isHopeless: boolean;
  readonly nextMs: number;
}

/** From the waits in a row at the end of a journal: any result ends them. */
export function outageOf(journal: readonly JournalEntry[], now: number): Outage {
  let waits = 0;
  let since = now;
  for (let index = journal.length - 1; index >= 0; index -= 1) {
    const entry = journal[index];
    if (!entry || isResult(entry)) break;
    if (entry.type !== 'run.waiting' || entry.data.reason !== 'retry') continue;
    waits += 1;
    since = (entry.data.until ?? now) - entry.data.amount;
  }
  return { isHopeless: now - since >= GIVEN_UP_AFTER_MS, nextMs: Math.min(FIRST_MS * 2 ** waits, LONGEST_MS) };
}

/** When to look at a run that waits until then. */
export const lookAt = (until: number, now: number): number =>
  Math.min(Math.max(until, now + LOOK_AFTER_MS), now + LOOK_WITHIN_MS);

const isResult = ({ type }: JournalEntry): boolean =>
  type === 'model.answered' || type === 'tool.succeeded' || type === 'tool.failed';
