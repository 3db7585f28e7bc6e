import { failedToParse, MongoError } from '../semantics/errors.ts';
import { compileFilter } from '../semantics/match/compile.ts';
import { Doc, Int32 } from '../semantics/value.ts';
import type { Selection } from '../storage/types.ts';
import type { Call, Command, Reply, Services } from './call.ts';
import { firstOf } from './changing.ts';
import { checkPart, documentsOf, flagAt, missing, objectAt, wholeAt, type Rule } from './fields.ts';
import { changeMany } from './many.ts';
import { namespaceOf } from './namespace.ts';
import { checkBatch, runStatements, sum, withErrors, type Statement } from './statements.ts';

const STATEMENT_FIELDS: Readonly<Record<string, Rule>> = {
  q: 'object',
  limit: 'whole',
  hint: 'any',
  collation: 'unset',
  sampleId: 'refused',
};

const removed = (n: number): Doc => Doc.of({ n: new Int32(n) });

function checkStatements(statements: readonly Doc[]): void {
  checkBatch(statements.length);
  for (const statement of statements) {
    checkPart('delete.deletes', statement, STATEMENT_FIELDS);
    for (const name of ['q', 'limit']) if (!statement.has(name)) throw missing('delete.deletes', name);
    const limit = wholeAt(statement, 'limit');
    if (limit !== 0 && limit !== 1)
      throw failedToParse(`The limit field in delete objects must be 0 or 1. Got ${limit}`);
  }
}

async function deleteMany(call: Call, services: Services, selection: Selection): Promise<Doc> {
  const ns = namespaceOf(call);
  const { matches } = compileFilter(selection.filter, { now: services.clock.date() });
  let n = 0;
  await changeMany({
    call,
    services,
    ns,
    selection,
    matches: ({ doc }) => matches(doc),
    change: (tx, record) => {
      tx.remove(ns, record);
      n += 1;
    },
  });
  return removed(n);
}

function statementOf(call: Call, services: Services, spec: Doc): Statement {
  const ns = namespaceOf(call);
  const many = wholeAt(spec, 'limit') === 0;
  if (many && call.session?.txnNumber !== undefined)
    throw new MongoError(72, 'Cannot use retryable writes with limit=0');
  const selection = { filter: objectAt(spec, 'q'), hint: spec.get('hint'), now: services.clock.date() };
  return {
    now: (tx) => {
      const record = firstOf(tx, ns, selection);
      if (record) tx.remove(ns, record);
      return removed(record ? 1 : 0);
    },
    ...(many ? { sliced: () => deleteMany(call, services, selection) } : {}),
  };
}

async function remove(call: Call, services: Services): Promise<Reply> {
  namespaceOf(call);
  const statements = documentsOf(call, 'deletes');
  checkStatements(statements);
  const outcome = await runStatements({
    call,
    services,
    count: statements.length,
    ordered: flagAt(call.command, 'ordered', true),
    // The index is below the count.
    build: (index) => statementOf(call, services, statements[index]!),
  });
  return withErrors({ n: sum(outcome, 'n') }, outcome);
}

export const DELETE: Command = {
  fields: { deletes: 'list', ordered: 'flag', let: 'unset' },
  run: remove,
  retryable: true,
  writes: true,
};
