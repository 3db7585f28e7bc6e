import fc from 'fast-check';
import {
  FINISHES,
  IDEMPOTENCY_CLASSES,
  numbered,
  POLICIES,
  POLICY_RULES,
  RESUME_CAUSES,
  RISKS,
  RUN_STATUSES,
  SOURCE_LABELS,
  statusAfter,
  WAIT_REASONS,
  type EntryData,
  type EntryType,
  type JournalEntry,
  type NewEntry,
  type RunStatus,
} from '../src/index.js';

/** Few enough that entries of a journal often speak of the same thing. */
const small = fc.nat({ max: 4 });
const ms = fc.nat({ max: 60_000 });
const word = fc.constantFrom('http.get', 'notify.email', 'tool_unknown', 'tool_args_invalid', '__proto__', '');
const content = fc.oneof(
  fc.record({ text: fc.string({ maxLength: 5 }) }),
  fc.record({ ref: fc.constant('r'), bytes: ms }),
);
const place = { step: small, call: fc.integer({ min: -1, max: 4 }) };
const by = fc.record({ kind: fc.constantFrom('user' as const, 'key' as const, 'system' as const), id: word });
const usage = fc.record({ inputTokens: ms, cachedTokens: ms, outputTokens: ms, costMicros: ms });
const orNull = <T>(of: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(of, { nil: null });
const ids = fc.array(fc.nat({ max: 12 }), { maxLength: 3 });

/** Anything that the types allow, by the type of the entry: one that is missing does not compile. */
const DATA: { readonly [T in EntryType]: fc.Arbitrary<EntryData[T]> } = {
  'run.queued': fc.record({ reason: fc.constantFrom('accepted', 'handed_back'), position: small, unsent: ids }),
  'run.started': fc.record({ worker: word, agentVersion: small }),
  'run.resumed': fc.record({ worker: word, cause: fc.constantFrom(...RESUME_CAUSES), from: orNull(word) }),
  'run.retrying': fc.record({
    of: fc.constantFrom('model', 'tool'),
    step: small,
    call: orNull(place.call),
    attempt: small,
    code: word,
    effect: fc.constantFrom('none', 'ambiguous'),
    ms,
    delayMs: ms,
    settleMs: orNull(ms),
  }),
  'run.waiting': fc.record({ reason: fc.constantFrom(...WAIT_REASONS), amount: ms, until: orNull(ms) }),
  'run.forked': fc.record({ from: word, seq: small }),
  'plan.made': fc.record({
    tasks: fc.array(fc.record({ agentId: word, task: content, dependsOn: ids, required: fc.boolean() }), {
      maxLength: 2,
    }),
  }),
  'child.started': fc.record({ index: small, runId: word }),
  'child.finished': fc.record({ index: small, runId: word, status: fc.constantFrom(...RUN_STATUSES), ms }),
  'model.called': fc.record({
    step: small,
    model: word,
    upTo: small,
    omitted: ids,
    isRepair: fc.boolean(),
    worstMicros: ms,
  }),
  'model.answered': fc.record({
    step: small,
    text: content,
    calls: fc.array(fc.record({ id: word, tool: word, args: content }), { maxLength: 4 }),
    finish: fc.constantFrom(...FINISHES),
    model: word,
    usage,
    ms,
    problem: orNull(word),
  }),
  'tool.intended': fc.record({
    ...place,
    tool: word,
    risk: fc.constantFrom(...RISKS),
    class: fc.constantFrom(...IDEMPOTENCY_CLASSES),
    rule: fc.constantFrom(...POLICY_RULES),
    decision: fc.constantFrom(...POLICIES),
    taint: ids,
    manifest: word,
    argsHash: word,
    key: word,
  }),
  'tool.succeeded': fc.record({
    ...place,
    output: content,
    isTruncated: fc.boolean(),
    label: fc.constantFrom(...SOURCE_LABELS),
    ms,
  }),
  'tool.failed': fc.record({ ...place, code: word, message: word, ms }),
  'tool.reconciled': fc.record({ ...place, how: fc.constantFrom('again', 'found', 'absent'), ms }),
  'review.requested': fc.record({ ...place, intent: fc.nat({ max: 12 }), code: word }),
  'review.decided': fc.record({
    intent: fc.nat({ max: 12 }),
    decision: fc.constantFrom('done', 'again'),
    by,
    result: orNull(content),
  }),
  'approval.requested': fc.record({ ...place, argsHash: word, expiresAt: ms }),
  'approval.decided': fc.record({
    ...place,
    decision: fc.constantFrom('approved', 'edited', 'rejected', 'expired'),
    by,
    args: orNull(content),
    why: orNull(word),
  }),
  'budget.reserved': fc.record({ step: small, micros: ms, tokens: ms }),
  'budget.settled': fc.record({ step: small, micros: ms, tokens: ms }),
  'run.cancel_requested': fc.record({ by }),
  'run.succeeded': fc.record({ output: content }),
  'run.partial': fc.record({ code: word, output: content }),
  'run.failed': fc.record(
    { code: word, message: word, output: orNull(content), undecided: ids },
    { requiredKeys: ['code', 'message', 'output'] },
  ),
  'run.cancelled': fc.record({ by: orNull(by), undecided: ids }),
};

const ofType = (type: EntryType): fc.Arbitrary<NewEntry> =>
  DATA[type].map((data: EntryData[EntryType]) => ({ type, data }) as NewEntry);

const TYPES = Object.keys(DATA) as EntryType[];
export const newEntry: fc.Arbitrary<NewEntry> = fc.constantFrom(...TYPES).chain(ofType);

/** Entries with any place and epoch: such a journal is never written, and must not break who reads it. */
export const wildJournal: fc.Arbitrary<JournalEntry[]> = fc.array(
  fc
    .tuple(newEntry, fc.nat({ max: 40 }), fc.nat({ max: 9 }), ms)
    .map(([entry, seq, epoch, at]) => ({ ...entry, seq, epoch, at, batch: 'b' })),
  { maxLength: 40 },
);

/** Entries that follow one another as the transitions allow. */
export const lawfulJournal: fc.Arbitrary<JournalEntry[]> = fc
  .tuple(ofType('run.queued'), fc.array(newEntry, { maxLength: 120, size: 'max' }))
  .map(([first, rest]) => {
    const kept: NewEntry[] = [first];
    let status: RunStatus = 'queued';
    for (const entry of rest) {
      const next = statusAfter(status, kept.length, entry.type);
      if (next === undefined) continue;
      status = next;
      kept.push(entry);
    }
    return numbered(kept, { seq: 0, at: 0, epoch: 1, batch: 'b' });
  });
