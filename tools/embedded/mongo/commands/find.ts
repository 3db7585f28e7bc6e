import { badValue, MongoError } from '../semantics/errors.ts';
import { compileFilter } from '../semantics/match/compile.ts';
import { compileProjection } from '../semantics/project.ts';
import { parseSort } from '../semantics/sort.ts';
import { Doc } from '../semantics/value.ts';
import type { Query } from '../storage/types.ts';
import type { Call, Command, Reply, Services } from './call.ts';
import { countAt, flagAt, listAt, missing, objectAt, textAt, wholeAt } from './fields.ts';
import { namespaceOf } from './namespace.ts';
import { firstBatch, nextBatch } from './reading.ts';

/** Sorting by `$natural` is a hint to read in the order of insertion or against it. */
function orderOf(command: Doc): Pick<Query, 'sort' | 'hint'> {
  const sort = command.has('sort') ? objectAt(command, 'sort') : undefined;
  const hint = command.get('hint');
  if (!sort?.has('$natural')) return { sort, hint };
  if (sort.size > 1 || (hint !== undefined && !(hint instanceof Doc && hint.has('$natural'))))
    throw badValue('a sort by $natural goes with no other field and no other hint');
  return { sort: undefined, hint: sort };
}

/** What `find` asks, also for `explain`. */
export function findQuery(call: Call, services: Services): Query {
  const { command } = call;
  return {
    ns: namespaceOf(call),
    filter: objectAt(command, 'filter'),
    ...orderOf(command),
    projection: command.has('projection') ? objectAt(command, 'projection') : undefined,
    skip: countAt(command, 'skip'),
    limit: countAt(command, 'limit'),
    now: services.clock.date(),
  };
}

function find(call: Call, services: Services): Promise<Reply> {
  const { command } = call;
  if (flagAt(command, 'awaitData')) throw badValue("Cannot set 'awaitData' without also setting 'tailable'");
  const query = findQuery(call, services);
  const batchSize = countAt(command, 'batchSize');
  checkWhenMissing(query, services);
  return firstBatch(call, services, {
    namespace: query.ns,
    rows: services.store.find(query),
    batchSize,
    single: flagAt(command, 'singleBatch'),
    keep: flagAt(command, 'noCursorTimeout'),
  });
}

/** What is not there has no documents, but a query of it is still checked. */
export function checkWhenMissing({ ns, ...query }: Query, { store }: Services): void {
  if (store.collection(ns)) return;
  const { filter, sort, projection, now } = query;
  const options = now ? { now } : {};
  compileFilter(filter, options);
  if (sort) parseSort(sort);
  if (projection) compileProjection(projection, { ...options, find: true });
}

function getMore(call: Call, services: Services): Promise<Reply> {
  const { command } = call;
  const id = command.get('getMore');
  if (typeof id !== 'bigint') throw new MongoError(14, "BSON field 'getMore' must be of type long");
  if (!command.has('collection')) throw missing('getMore', 'collection');
  const collection = textAt(command, 'collection') ?? '';
  const batchSize = countAt(command, 'batchSize') || undefined;
  return nextBatch(call, services, { id, namespace: `${call.db}.${collection}`, batchSize });
}

function killCursors(call: Call, { cursors }: Services): Reply {
  const namespace = `${call.db}.${textAt(call.command, 'killCursors') ?? ''}`;
  const ids = listAt(call.command, 'cursors');
  if (!ids) throw missing('killCursors', 'cursors');
  const cursorsKilled: bigint[] = [];
  const cursorsNotFound: bigint[] = [];
  for (const id of ids) {
    if (typeof id !== 'bigint') throw new MongoError(14, "BSON field 'killCursors.cursors' must be a list of longs");
    const known = cursors.belongs(id, namespace) && cursors.end(id);
    (known ? cursorsKilled : cursorsNotFound).push(id);
  }
  return { cursorsKilled, cursorsNotFound, cursorsAlive: [], cursorsUnknown: [] };
}

/** `count` takes a negative limit as its size. */
export function countQuery(call: Call, services: Services): Query {
  const { command } = call;
  const limit = wholeAt(command, 'limit');
  return {
    ns: namespaceOf(call),
    filter: objectAt(command, 'query'),
    skip: countAt(command, 'skip'),
    limit: limit === undefined ? undefined : Math.abs(limit),
    hint: command.get('hint'),
    now: services.clock.date(),
  };
}

export const FIND_FIELDS: Command['fields'] = {
  filter: 'object',
  sort: 'object',
  projection: 'object',
  hint: 'any',
  skip: 'whole',
  limit: 'whole',
  batchSize: 'whole',
  singleBatch: 'flag',
  noCursorTimeout: 'flag',
  // Sorts keep within their memory or say so; there is nothing to allow.
  allowDiskUse: 'flag',
  allowPartialResults: 'flag',
  awaitData: 'flag',
  oplogReplay: 'unset',
  tailable: 'unset',
  returnKey: 'unset',
  showRecordId: 'unset',
  collation: 'unset',
  let: 'unset',
  min: 'unset',
  max: 'unset',
  readOnce: 'unset',
  term: 'refused',
};

export const FIND_COMMANDS: Readonly<Record<string, Command>> = {
  find: { fields: FIND_FIELDS, run: find },
  getMore: { fields: { collection: 'string', batchSize: 'whole', term: 'refused' }, run: getMore },
  killCursors: { fields: { cursors: 'list' }, run: killCursors },
};
