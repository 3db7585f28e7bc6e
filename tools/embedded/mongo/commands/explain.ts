import { MongoError, NotImplementedError } from '../semantics/errors.ts';
import { Doc, Int32 } from '../semantics/value.ts';
import type { Query } from '../storage/types.ts';
import { aggregateQuery, AGGREGATE_FIELDS, COUNT_FIELDS, DISTINCT_FIELDS, distinctQuery } from './aggregate.ts';
import type { Call, Command, Reply, Services } from './call.ts';
import { DELETE } from './delete.ts';
import { checkPart, own, objectAt, textAt, type Rule } from './fields.ts';
import { countQuery, FIND_FIELDS, findQuery } from './find.ts';
import { FIND_AND_MODIFY } from './find-and-modify.ts';
import { VERSION } from './hello.ts';
import { namespaceOf } from './namespace.ts';
import { COMMON } from './options.ts';
import { within } from './reading.ts';
import { UPDATE } from './update.ts';

type Explained = {
  readonly fields: Readonly<Record<string, Rule>>;
  readonly query: (call: Call, services: Services) => Query;
};

/** The part of a pipeline that the store plans: what stands before anything else. */
function leading(call: Call, services: Services): Query {
  const { ns, pipeline, hint, now } = aggregateQuery(call, services);
  const stages = pipeline.filter((stage) => stage instanceof Doc);
  const filter = stages[0]?.has('$match') ? objectAt(stages[0], '$match') : new Doc();
  const next = stages[0]?.has('$match') ? stages[1] : stages[0];
  return { ns, filter, sort: next?.has('$sort') ? objectAt(next, '$sort') : undefined, hint, now };
}

/** Of the statements of a write the only one. */
function statement(list: 'updates' | 'deletes') {
  return (call: Call, { clock }: Services): Query => {
    const statements = call.command.get(list);
    if (!Array.isArray(statements) || statements.length !== 1 || !(statements[0] instanceof Doc))
      throw new MongoError(72, 'explained write batches must be of size 1');
    const [spec] = statements;
    return { ns: namespaceOf(call), filter: objectAt(spec, 'q'), hint: spec.get('hint'), now: clock.date() };
  };
}

const EXPLAINED: Readonly<Record<string, Explained>> = {
  find: { fields: FIND_FIELDS, query: findQuery },
  aggregate: { fields: AGGREGATE_FIELDS, query: leading },
  count: { fields: COUNT_FIELDS, query: countQuery },
  distinct: { fields: DISTINCT_FIELDS, query: distinctQuery },
  update: { fields: UPDATE.fields, query: statement('updates') },
  delete: { fields: DELETE.fields, query: statement('deletes') },
  findAndModify: {
    fields: FIND_AND_MODIFY.fields,
    query: (call, { clock }) => ({
      ns: namespaceOf(call),
      filter: objectAt(call.command, 'query'),
      sort: call.command.has('sort') ? objectAt(call.command, 'sort') : undefined,
      hint: call.command.get('hint'),
      now: clock.date(),
    }),
  },
};

const VERBOSITIES = new Set(['queryPlanner', 'executionStats', 'allPlansExecution']);

async function explain(call: Call, services: Services): Promise<Reply> {
  const command = objectAt(call.command, 'explain');
  const verbosity = textAt(call.command, 'verbosity') ?? 'allPlansExecution';
  if (!VERBOSITIES.has(verbosity))
    throw new MongoError(9, `verbosity string must be one of ${[...VERBOSITIES].join(', ')}`);
  const name = command.firstKey() ?? '';
  const explained = own(EXPLAINED, name);
  if (!explained) throw new NotImplementedError(`explain of ${name}`);
  const asked = new Doc([...command].filter(([field]) => field !== name && !COMMON.has(field)));
  checkPart(name, asked, explained.fields);
  const query = explained.query({ ...call, name, command }, services);
  const plan = await within(call.deadline, services.store.explain(query, verbosity !== 'queryPlanner'));
  return {
    explainVersion: '1',
    ...Object.fromEntries(plan),
    command,
    serverInfo: Doc.of({ host: '127.0.0.1', port: new Int32(services.port()), version: VERSION, gitVersion: '' }),
  };
}

export const EXPLAIN: Command = { fields: { verbosity: 'string' }, run: explain };
