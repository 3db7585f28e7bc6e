import { failedToParse, MongoError } from '../semantics/errors.ts';
import { compileFilter } from '../semantics/match/compile.ts';
import { Doc, Int32, type Value } from '../semantics/value.ts';
import type { Tx } from '../storage/types.ts';
import type { Call, Command, Reply, Services } from './call.ts';
import { changeOf, changeRecord, firstOf, upsert, type Change } from './changing.ts';
import { checkPart, documentsOf, flagAt, listAt, missing, objectAt, type Rule } from './fields.ts';
import { changeMany } from './many.ts';
import { namespaceOf } from './namespace.ts';
import { checkBatch, runStatements, sum, withErrors, type Outcome, type Statement } from './statements.ts';

const STATEMENT_FIELDS: Readonly<Record<string, Rule>> = {
  q: 'object',
  u: 'any',
  multi: 'flag',
  upsert: 'flag',
  arrayFilters: 'list',
  hint: 'any',
  sort: 'object',
  collation: 'unset',
  c: 'unset',
  sampleId: 'refused',
  upsertSupplied: 'refused',
};

function answer(n: number, nModified: number, upserted?: Value): Doc {
  const doc = Doc.of({ n: new Int32(n), nModified: new Int32(nModified) });
  return upserted === undefined ? doc : doc.set('upserted', upserted);
}

function updateOne(tx: Tx, change: Change, inserts: boolean): Doc {
  const record = firstOf(tx, change.ns, change.selection);
  if (record) return answer(1, changeRecord(tx, change, record).modified ? 1 : 0);
  if (!inserts) return answer(0, 0);
  // An upserted document always has an `_id`.
  return answer(1, 0, upsert(tx, change).get('_id')!);
}

async function updateMany(call: Call, services: Services, { change, inserts }: { change: Change; inserts: boolean }) {
  const { ns, selection } = change;
  const { matches } = compileFilter(change.query, { now: change.now });
  const counts = { n: 0, nModified: 0 };
  await changeMany({
    call,
    services,
    ns,
    selection,
    matches: ({ doc }) => matches(doc),
    change: (tx, record) => {
      const { modified } = changeRecord(tx, change, record);
      counts.n += 1;
      if (modified) counts.nModified += 1;
    },
  });
  if (counts.n > 0 || !inserts) return answer(counts.n, counts.nModified);
  return services.store.transact((tx) => {
    // Somebody else may have inserted a match since the look: then there is one to update after all.
    const record = firstOf(tx, ns, selection);
    return record ? updateOne(tx, change, false) : answer(1, 0, upsert(tx, change).get('_id')!);
  });
}

/** Checked before anything is written: what is wrong here is wrong with the command. */
function checkStatements(statements: readonly Doc[]): void {
  checkBatch(statements.length);
  for (const statement of statements) {
    checkPart('update.updates', statement, STATEMENT_FIELDS);
    for (const name of ['q', 'u']) if (!statement.has(name)) throw missing('update.updates', name);
  }
}

function statementOf(call: Call, services: Services, spec: Doc): Statement {
  const multi = flagAt(spec, 'multi');
  const inserts = flagAt(spec, 'upsert');
  if (multi && call.session?.txnNumber !== undefined)
    throw new MongoError(72, 'Cannot use retryable writes with multi=true');
  if (multi && spec.has('sort')) throw failedToParse('Cannot specify sort with multi=true');
  const update = spec.get('u');
  const change = changeOf({
    ns: namespaceOf(call),
    query: objectAt(spec, 'q'),
    update,
    arrayFilters: listAt(spec, 'arrayFilters'),
    selection: { hint: spec.get('hint'), sort: spec.has('sort') ? objectAt(spec, 'sort') : undefined },
    now: services.clock.date(),
  });
  if (multi && change.update.replacement)
    throw failedToParse('multi update is not supported for replacement-style update');
  const now = (tx: Tx): Doc => updateOne(tx, change, inserts);
  return multi ? { now, sliced: () => updateMany(call, services, { change, inserts }) } : { now };
}

const upsertedIn = ({ answers }: Outcome): Doc[] =>
  answers.flatMap(({ index, answer: one }) => {
    const id = one.get('upserted');
    return id === undefined ? [] : [Doc.of({ index: new Int32(index), _id: id })];
  });

async function update(call: Call, services: Services): Promise<Reply> {
  namespaceOf(call);
  const statements = documentsOf(call, 'updates');
  checkStatements(statements);
  const outcome = await runStatements({
    call,
    services,
    count: statements.length,
    ordered: flagAt(call.command, 'ordered', true),
    // The index is below the count.
    build: (index) => statementOf(call, services, statements[index]!),
  });
  const upserted = upsertedIn(outcome);
  const counts = { n: sum(outcome, 'n'), nModified: sum(outcome, 'nModified') };
  return withErrors(upserted.length > 0 ? { ...counts, upserted } : counts, outcome);
}

export const UPDATE: Command = {
  fields: { updates: 'list', ordered: 'flag', bypassDocumentValidation: 'unset', let: 'unset' },
  run: update,
  retryable: true,
  writes: true,
};
