import { failedToParse, MongoError, NotImplementedError, typeMismatch } from '../semantics/errors.ts';
import { Int32, Doc, type Value } from '../semantics/value.ts';
import type { AggregateQuery, DistinctQuery } from '../storage/types.ts';
import type { Call, Command, Reply, Services } from './call.ts';
import { checkPart, countAt, listAt, missing, objectAt, textAt } from './fields.ts';
import { checkWhenMissing, countQuery } from './find.ts';
import { namespaceOf } from './namespace.ts';
import { firstBatch, within } from './reading.ts';

const CURSOR_FIELDS = { batchSize: 'whole' } as const;

export function aggregateQuery(call: Call, services: Services): AggregateQuery {
  const { command } = call;
  if (typeof command.get('aggregate') !== 'string') throw new NotImplementedError('aggregate of a database');
  const pipeline = listAt(command, 'pipeline');
  if (!pipeline)
    throw command.has('pipeline') ? typeMismatch("'pipeline' must be an array") : missing('aggregate', 'pipeline');
  for (const stage of pipeline)
    if (!(stage instanceof Doc)) throw typeMismatch('Each element of the pipeline array must be an object');
  return { ns: namespaceOf(call), pipeline, hint: command.get('hint'), now: services.clock.date() };
}

function aggregate(call: Call, services: Services): Promise<Reply> {
  const { command } = call;
  if (!command.has('cursor'))
    throw failedToParse("The 'cursor' option is required, except for aggregate with the explain argument");
  const cursor = objectAt(command, 'cursor');
  checkPart('aggregate.cursor', cursor, CURSOR_FIELDS);
  const query = aggregateQuery(call, services);
  return firstBatch(call, services, {
    namespace: query.ns,
    rows: services.store.aggregate(query),
    batchSize: countAt(cursor, 'batchSize'),
  });
}

/** A count is an int while it fits, as MongoDB answers it. */
export const counted = (n: number): Value => (n < 2 ** 31 ? new Int32(n) : BigInt(n));

async function count(call: Call, services: Services): Promise<Reply> {
  const query = countQuery(call, services);
  checkWhenMissing(query, services);
  const n = await within(call.deadline, services.store.count(query));
  return { n: counted(n) };
}

export function distinctQuery(call: Call, services: Services): DistinctQuery {
  const { command } = call;
  const key = textAt(command, 'key');
  if (key === undefined) throw missing('distinct', 'key');
  if (key.includes('\0')) throw new MongoError(31032, 'Key field cannot contain an embedded null byte');
  const filter = objectAt(command, 'query');
  return { ns: namespaceOf(call), key, filter, hint: command.get('hint'), now: services.clock.date() };
}

async function distinct(call: Call, services: Services): Promise<Reply> {
  const query = distinctQuery(call, services);
  checkWhenMissing(query, services);
  return { values: await within(call.deadline, services.store.distinct(query)) };
}

export const AGGREGATE_FIELDS: Command['fields'] = {
  pipeline: 'list',
  cursor: 'object',
  hint: 'any',
  explain: 'unset',
  allowDiskUse: 'flag',
  collation: 'unset',
  let: 'unset',
  bypassDocumentValidation: 'unset',
  needsMerge: 'refused',
  fromMongos: 'refused',
  exchange: 'refused',
};

export const COUNT_FIELDS: Command['fields'] = {
  query: 'object',
  skip: 'whole',
  limit: 'whole',
  hint: 'any',
  collation: 'unset',
  fields: 'any',
};

export const DISTINCT_FIELDS: Command['fields'] = { key: 'string', query: 'object', hint: 'any', collation: 'unset' };

export const AGGREGATE_COMMANDS: Readonly<Record<string, Command>> = {
  aggregate: { fields: AGGREGATE_FIELDS, run: aggregate, writes: true },
  count: { fields: COUNT_FIELDS, run: count },
  distinct: { fields: DISTINCT_FIELDS, run: distinct },
};
