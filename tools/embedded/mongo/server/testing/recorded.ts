import { Doc, Int32, ObjectId, type Value } from '../../semantics/value.ts';
import { flattened, judge, recordings, same, tally, type Got, type Tally } from '../../semantics/vectors.ts';
import type { WireClient } from './wire-client.ts';

const FOLDER = `${__dirname}/../../vectors`;
const DB = 'vectors';

export const lines = (group: string): Doc[] => recordings(FOLDER, group);
export const object = (value: Value | undefined): Doc => (value instanceof Doc ? value : new Doc());
export const list = (value: Value | undefined): Value[] => (Array.isArray(value) ? value : []);
export const objects = (value: Value | undefined): Doc[] => list(value).map(object);
const alike = (mine: Value, recorded: Value): boolean => same(flattened(mine), flattened(recorded));

/** The reply as an answer or as the error in it, also that of the only statement of a write. */
function got(reply: Doc, value: (reply: Doc) => Value): Got {
  const failed = reply.get('ok') === 1 ? list(reply.get('writeErrors'))[0] : reply;
  if (!(failed instanceof Doc)) return { value: value(reply) };
  const code = failed.get('code');
  return { code: code instanceof Int32 ? code.value : 0, message: String(failed.get('errmsg')) };
}

const batch = (reply: Doc): Value[] => list(object(reply.get('cursor')).get('firstBatch'));
const ids = (reply: Doc): Value => batch(reply).map((one) => object(one).get('_id') ?? Number.NaN);

/** More than any recording holds, so that one batch is all. */
const ALL = new Int32(100_000);

const BY_ID = Doc.of({ _id: new Int32(1) });

const ask = (client: WireClient, command: Record<string, Value>): Promise<Doc> => client.ask({ ...command, $db: DB });

const insert = (client: WireClient, collection: string, documents: Doc[]): Promise<Doc> =>
  ask(client, { insert: collection, documents });

/** Spreads questions over connections; each connection asks its own one after the other, without waiting. */
async function each(clients: readonly WireClient[], questions: readonly Doc[], put: Put): Promise<void> {
  await Promise.all(
    questions.map((question, index) => {
      const place = index % clients.length;
      // There is at least one client.
      return put(question, clients[place]!, place);
    }),
  );
}
type Put = (question: Doc, client: WireClient, place: number) => Promise<void>;

const fieldsOf = (question: Doc, names: readonly string[]): Record<string, Value> =>
  Object.fromEntries(names.flatMap((name) => (question.has(name) ? [[name, question.get(name)!]] : [])));

/** Since 5.0 a count below zero has a code of its own. */
const NEGATIVE = Doc.of({ code: new Int32(51024) });
const isNegative = (value: Value | undefined): boolean => value instanceof Int32 && value.value < 0;
const errorOf = (question: Doc): Value | undefined =>
  isNegative(question.get('skip')) || isNegative(question.get('limit')) ? NEGATIVE : question.get('error');

const FIND = ['filter', 'projection', 'sort', 'skip', 'limit'];

async function corpus(client: WireClient, name: string, collection: string): Promise<void> {
  const documents = objects(
    lines('corpus')
      .find((line) => line.has(name))
      ?.get(name),
  );
  await ask(client, { drop: collection });
  await insert(client, collection, documents);
}

export async function finds(clients: readonly WireClient[], group: string): Promise<Tally> {
  const counts = tally();
  await corpus(clients[0]!, 'documents', 'corpus');
  await each(clients, lines(group), async (line, client) => {
    const whole = line.get('documents');
    const reply = await ask(client, { find: 'corpus', ...fieldsOf(line, FIND), batchSize: ALL });
    const question = { asked: line, answer: whole ?? line.get('ids'), error: errorOf(line), equal: alike };
    judge(counts, question, got(reply, whole ? batch : ids));
  });
  return counts;
}

export async function randomFinds(clients: readonly WireClient[]): Promise<Tally> {
  const counts = tally();
  const [first] = clients;
  for (const [index, line] of lines('random-find').entries()) {
    await insert(first!, `r${index}`, objects(line.get('documents')));
    await each(clients, objects(line.get('asked')), async (asked, client) => {
      const reply = await ask(client, { find: `r${index}`, ...fieldsOf(asked, FIND), batchSize: ALL });
      judge(counts, { asked, answer: asked.get('ids'), error: asked.get('error') }, got(reply, ids));
    });
  }
  return counts;
}

export async function aggregates(clients: readonly WireClient[]): Promise<Tally> {
  const counts = tally();
  await corpus(clients[0]!, 'sales', 'sales');
  await corpus(clients[0]!, 'names', 'names');
  await each(clients, lines('aggregate'), async (line, client) => {
    const pipeline = line.get('pipeline') ?? null;
    const reply = await ask(client, { aggregate: 'sales', pipeline, cursor: Doc.of({ batchSize: ALL }) });
    judge(
      counts,
      { asked: line, answer: line.get('documents'), error: line.get('error'), equal: alike },
      got(reply, batch),
    );
  });
  return counts;
}

/** Ids the server made are written `generated` in the recordings. */
function named(value: Value, recorded: Value | undefined): Value {
  if (Array.isArray(value)) return value.map((one, index) => named(one, list(recorded)[index]));
  if (!(value instanceof Doc)) return value;
  const made = value.get('_id') instanceof ObjectId && object(recorded).get('_id') === 'generated';
  return made ? value.clone().set('_id', 'generated') : value;
}

const onlyNames = (value: Value): Value => (value instanceof Doc ? [...value.keys()] : value);

/** Of a document with the current date only the names are recorded. */
const namesIn = (value: Value): Value =>
  Doc.of({ after: list(object(value).get('after')).map((one) => (Array.isArray(one) ? one : onlyNames(one))) });

/** The collection holds only `before`, then what the update made of it is read. */
async function reset(client: WireClient, collection: string, before: readonly Doc[]): Promise<void> {
  const cleared = ask(client, { delete: collection, deletes: [Doc.of({ q: new Doc(), limit: new Int32(0) })] });
  const filled = before.length > 0 ? insert(client, collection, [...before]) : undefined;
  await Promise.all([cleared, filled]);
}

const COUNTS = ['n', 'nModified', 'upserted'];

const answerOf = (reply: Doc, after: Value): Value => Doc.of({ ...fieldsOf(reply, COUNTS), after });

export async function updates(clients: readonly WireClient[]): Promise<Tally> {
  const counts = tally();
  await each(clients, lines('update'), async (line, client, place) => {
    const collection = `u${place}`;
    const before = line.get('before');
    const statement = Doc.of(fieldsOf(line, ['q', 'u', 'upsert', 'arrayFilters']));
    const [, reply, stored] = await Promise.all([
      reset(client, collection, before instanceof Doc ? [before] : []),
      ask(client, { update: collection, updates: [statement] }),
      ask(client, { find: collection, filter: new Doc(), sort: BY_ID }),
    ]);
    const recorded = object(line.get('reply'));
    const answer = answerOf(recorded, line.get('after') ?? null);
    const dated = list(line.get('after')).some((one) => Array.isArray(one));
    const equal = (mine: Value, theirs: Value): boolean =>
      dated ? same(namesIn(mine), namesIn(theirs)) : alike(mine, theirs);
    const error = line.get('error') ?? list(recorded.get('writeErrors'))[0];
    const upserted = named(reply.get('upserted') ?? null, recorded.get('upserted'));
    const shown = reply.has('upserted') ? reply.clone().set('upserted', upserted) : reply;
    judge(
      counts,
      { asked: line, answer, error, equal },
      got(shown, (one) => answerOf(one, named(batch(stored), line.get('after')))),
    );
  });
  return counts;
}

export async function findsAndModifies(clients: readonly WireClient[]): Promise<Tally> {
  const counts = tally();
  await each(clients, lines('findAndModify'), async (line, client, place) => {
    const collection = `f${place}`;
    const [, reply, stored] = await Promise.all([
      reset(client, collection, objects(line.get('before'))),
      ask(client, { findAndModify: collection, ...Object.fromEntries(object(line.get('command'))) }),
      ask(client, { find: collection, filter: new Doc(), sort: BY_ID }),
    ]);
    const recorded = object(line.get('reply'));
    const value = recorded.get('value') ?? null;
    const generated = line.has('generatedId');
    const rest = { lastErrorObject: recorded.get('lastErrorObject') ?? null, after: line.get('after') ?? null };
    const answer = generated ? Doc.of({ value }) : Doc.of({ value, ...rest });
    const mine = (one: Doc): Value => {
      const shown = { value: named(one.get('value') ?? null, value) };
      return generated
        ? Doc.of(shown)
        : Doc.of({ ...shown, lastErrorObject: one.get('lastErrorObject') ?? null, after: batch(stored) });
    };
    judge(counts, { asked: line, answer, error: line.get('error'), equal: alike }, got(reply, mine));
  });
  return counts;
}
