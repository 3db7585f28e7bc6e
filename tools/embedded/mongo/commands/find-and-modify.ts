import { failedToParse } from '../semantics/errors.ts';
import { compileProjection, type Projection } from '../semantics/project.ts';
import { Doc, Int32, type Value } from '../semantics/value.ts';
import type { Selection, Tx } from '../storage/types.ts';
import type { Call, Command, Reply, Services } from './call.ts';
import { changeOf, changeRecord, firstOf, upsert, type Change } from './changing.ts';
import { flagAt, listAt, objectAt } from './fields.ts';
import { namespaceOf } from './namespace.ts';
import { Answers } from './retries.ts';

interface Wanted {
  readonly project: Projection;
  readonly returnsNew: boolean;
  readonly inserts: boolean;
}

const found = (count: number, more: Record<string, Value>): Doc => Doc.of({ n: new Int32(count), ...more });

const answer = (lastErrorObject: Doc, value: Doc | undefined, { project }: Wanted): Doc =>
  Doc.of({ lastErrorObject, value: value ? project(value) : null });

function remove(tx: Tx, ns: string, { selection, wanted }: { selection: Selection; wanted: Wanted }): Doc {
  const record = firstOf(tx, ns, selection);
  if (!record) return answer(found(0, {}), undefined, wanted);
  tx.remove(ns, record);
  return answer(found(1, {}), record.doc, wanted);
}

function modify(tx: Tx, change: Change, wanted: Wanted): Doc {
  const record = firstOf(tx, change.ns, change.selection);
  if (record) {
    const { before, after } = changeRecord(tx, change, record);
    return answer(found(1, { updatedExisting: true }), wanted.returnsNew ? after : before, wanted);
  }
  if (!wanted.inserts) return answer(found(0, { updatedExisting: false }), undefined, wanted);
  const made = upsert(tx, change);
  // An upserted document always has an `_id`.
  const last = found(1, { updatedExisting: false, upserted: made.get('_id')! });
  return answer(last, wanted.returnsNew ? made : undefined, wanted);
}

function checkCombination(command: Doc): boolean {
  const removes = flagAt(command, 'remove');
  if (removes && command.has('update')) throw failedToParse('Cannot specify both an update and remove=true');
  if (!removes && !command.has('update')) throw failedToParse('Either an update or remove=true must be specified');
  if (removes && flagAt(command, 'new'))
    throw failedToParse("Cannot specify both new=true and remove=true; 'remove' always returns the deleted document");
  if (removes && flagAt(command, 'upsert')) throw failedToParse('Cannot specify both upsert=true and remove=true');
  if (removes && command.has('arrayFilters')) throw failedToParse('Cannot specify arrayFilters and remove=true');
  return removes;
}

function operationOf(call: Call, services: Services): (tx: Tx) => Doc {
  const { command } = call;
  const ns = namespaceOf(call);
  const removes = checkCombination(command);
  const query = objectAt(command, 'query');
  const now = services.clock.date();
  const order = { sort: command.has('sort') ? objectAt(command, 'sort') : undefined, hint: command.get('hint') };
  const wanted: Wanted = {
    project: compileProjection(objectAt(command, 'fields'), { find: true, now }),
    returnsNew: flagAt(command, 'new'),
    inserts: flagAt(command, 'upsert'),
  };
  if (removes) return (tx) => remove(tx, ns, { selection: { ...order, filter: query, now }, wanted });
  const arrayFilters = listAt(command, 'arrayFilters');
  const change = changeOf({ ns, query, update: command.get('update'), arrayFilters, selection: order, now });
  return (tx) => modify(tx, change, wanted);
}

async function findAndModify(call: Call, services: Services): Promise<Reply> {
  const operation = operationOf(call, services);
  const result = await services.store.transact((tx) => {
    const answers = Answers.of(tx, call.session);
    const known = answers?.get(0);
    if (known) return known;
    const made = operation(tx);
    answers?.add(0, made);
    answers?.store(tx);
    return made;
  });
  return Object.fromEntries(result);
}

export const FIND_AND_MODIFY: Command = {
  fields: {
    query: 'object',
    sort: 'object',
    remove: 'flag',
    update: 'any',
    new: 'flag',
    fields: 'object',
    upsert: 'flag',
    arrayFilters: 'list',
    hint: 'any',
    bypassDocumentValidation: 'unset',
    collation: 'unset',
    let: 'unset',
    sampleId: 'refused',
  },
  run: findAndModify,
  retryable: true,
  writes: true,
};
