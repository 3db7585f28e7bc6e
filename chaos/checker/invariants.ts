import { fold, headOf, isEnd, isTerminal, statusAfter, NO_RUN, addUsage, NO_USAGE } from '@flowmate/domain';
import type { EntryData, JournalEntry, Run } from '@flowmate/domain';
import type { LedgerCall } from '@flowmate/testing';
import { isDeepStrictEqual } from 'node:util';

/** What must never be so, and where it was. */
export interface Violation {
  readonly rule: string;
  readonly what: string;
}

/** I1: it has ended, waits for a person, or is due again later. */
export function isSettled({ head, owner }: Run): boolean {
  if (isTerminal(head.status)) return owner === null;
  if (head.status !== 'waiting') return false;
  return head.reason === 'review' || head.reason === 'approval' || (head.until ?? 0) > Date.now();
}

const entriesOf = <T extends JournalEntry['type']>(journal: readonly JournalEntry[], type: T) =>
  journal.filter((entry): entry is JournalEntry & { type: T; data: EntryData[T] } => entry.type === type);

function* ofJournal({ id, journal, head, seq }: Run): Generator<Violation> {
  if (journal.some((entry, index) => entry.seq !== index + 1))
    yield { rule: 'I3', what: `${id}: a gap in its journal` };
  if (seq !== journal.length) yield { rule: 'I3', what: `${id}: its head is at ${seq} of ${journal.length}` };
  const ends = journal.filter(({ type }) => isEnd(type)).length;
  if (ends !== (isTerminal(head.status) ? 1 : 0)) yield { rule: 'I3', what: `${id}: ${ends} ends, ${head.status}` };
  if (!isDeepStrictEqual(head, headOf(fold(journal)))) yield { rule: 'I3', what: `${id}: its head is not its fold` };
  let state = NO_RUN;
  for (const entry of journal) {
    if (statusAfter(state.status, state.seq, entry.type) === undefined)
      yield { rule: 'I4', what: `${id}: ${entry.type} after ${state.status}` };
    if (entry.epoch < state.epoch) yield { rule: 'I4', what: `${id}: an entry of a worker that had lost it` };
    state = fold([entry], state);
  }
}

function* ofUsage({ id, journal, head }: Run): Generator<Violation> {
  const usage = entriesOf(journal, 'model.answered').reduce((sum, { data }) => addUsage(sum, data.usage), NO_USAGE);
  if (!isDeepStrictEqual(usage, head.usage)) yield { rule: 'I6', what: `${id}: its usage is not that of its answers` };
  const called = entriesOf(journal, 'tool.succeeded').length + entriesOf(journal, 'tool.failed').length;
  if (called !== head.toolCalls) yield { rule: 'I6', what: `${id}: ${head.toolCalls} tool calls, ${called} results` };
}

/** How often a person said `again` about a call: each allows one effect more. */
const againsOf = (journal: readonly JournalEntry[], intent: number): number =>
  entriesOf(journal, 'review.decided').filter(({ data }) => data.intent === intent && data.decision === 'again').length;

function* ofEffects(
  { id, journal }: Run,
  done: ReadonlyMap<string, number>,
  executed: ReadonlySet<string>,
): Generator<Violation> {
  const succeeded = new Set(entriesOf(journal, 'tool.succeeded').map(({ data }) => `${data.step}.${data.call}`));
  for (const { seq, data } of entriesOf(journal, 'tool.intended')) {
    if (!executed.has(data.tool)) continue;
    const count = done.get(data.key) ?? 0;
    if (count > 1 + againsOf(journal, seq))
      yield { rule: 'I2', what: `${id}: ${data.tool} at ${seq} took effect ${count} times` };
    if (count === 0 && succeeded.has(`${data.step}.${data.call}`))
      yield { rule: 'I2', what: `${id}: ${data.tool} at ${seq} succeeded and did nothing` };
  }
}

const WRITES = new Set(['ledger.keyed', 'ledger.marked', 'ledger.plain']);

/** I1 to I4 and I6 of every run that was accepted. */
export function violationsOf(
  accepted: readonly string[],
  runs: readonly Run[],
  effects: readonly LedgerCall[],
): Violation[] {
  const found = new Map(runs.map((run) => [run.id, run]));
  const done = new Map<string, number>();
  for (const { key } of effects) if (key !== null) done.set(key, (done.get(key) ?? 0) + 1);
  const meant = new Set(runs.flatMap(({ journal }) => entriesOf(journal, 'tool.intended').map(({ data }) => data.key)));
  return [
    ...accepted.flatMap((id) => {
      const run = found.get(id);
      if (!run) return [{ rule: 'I1', what: `${id}: accepted, and not there` }];
      return isSettled(run)
        ? []
        : [{ rule: 'I1', what: `${id}: still ${run.head.status} (${run.head.reason ?? '-'})` }];
    }),
    ...runs.flatMap((run) => [...ofJournal(run), ...ofUsage(run), ...ofEffects(run, done, WRITES)]),
    ...[...done.keys()]
      .filter((key) => !meant.has(key))
      .map((key) => ({ rule: 'I2', what: `an effect that no run intended: ${key}` })),
  ];
}
