import { randomBytes } from 'node:crypto';
import { Binary, Doc, Int32, type Value } from '../../semantics/value.ts';
import { codeOf, flattened, judge, refuse, same, tally, type Tally } from '../../semantics/vectors.ts';
import { lines, list, object, objects } from './recorded.ts';
import type { WireClient } from './wire-client.ts';

/** What says when or where, not what. */
const LEFT_OUT = new Set(
  'ok $clusterTime operationTime electionId opTime topologyVersion commitQuorum errmsg message'.split(' '),
);

/** Fields of replies come in no promised order; those of documents do. */
const byName = (doc: Doc, change: (name: string, value: Value) => Value): Doc =>
  new Doc(
    [...doc]
      .filter(([name]) => !LEFT_OUT.has(name))
      .map(([name, value]) => [name, change(name, value)] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );

const plain = (_name: string, value: Value): Value => value;

function cursorField(name: string, value: Value): Value {
  if (name === 'id') return value === 0n || (value instanceof Int32 && value.value === 0) ? 0n : 'open';
  // Descriptions of indexes and collections are like replies.
  const described = (one: Value): Value =>
    one instanceof Doc && (one.has('v') || one.has('type')) ? byName(one, plain) : one;
  return name === 'firstBatch' ? list(value).map(described) : value;
}

function replyField(name: string, value: Value): Value {
  if (name === 'cursor') return byName(object(value), cursorField);
  if (name === 'lastErrorObject') return byName(object(value), plain);
  return name === 'writeErrors' ? objects(value).map((one) => byName(one, plain)) : value;
}

const comparable = (reply: Value): Value => flattened(byName(object(reply), replyField));
const alike = (mine: Value, recorded: Value): boolean => same(comparable(mine), comparable(recorded));

const refusalIn = (reply: Doc): Doc | undefined =>
  [reply, ...objects(reply.get('writeErrors'))].find((one) => codeOf(one) === 238);

interface Sequence {
  readonly client: WireClient;
  readonly counts: Tally;
  readonly db: string;
  /** Session ids of the recording and ours for them. */
  readonly sessions: Map<string, Doc>;
}

function freshSession(command: Doc, sessions: Map<string, Doc>): Doc {
  const lsid = command.get('lsid');
  const id = lsid instanceof Doc ? lsid.get('id') : undefined;
  if (!(id instanceof Binary)) return command;
  const key = Buffer.from(id.bytes).toString('hex');
  const ours = sessions.get(key) ?? Doc.of({ id: new Binary(4, randomBytes(16)) });
  sessions.set(key, ours);
  return command.clone().set('lsid', ours);
}

async function play(steps: readonly Doc[], { client, counts, db, sessions }: Sequence): Promise<void> {
  let refused: string | undefined;
  for (const step of steps) {
    const asked = freshSession(object(step.get('command')), sessions);
    const reply = await client.ask(asked.has('$db') ? asked : asked.clone().set('$db', db));
    const recorded = step.get('reply') ?? step.get('error') ?? null;
    const refusal = refusalIn(reply);
    const differs = !alike(reply, recorded);
    // After a refusal the rest of a scene may be answered rightly or not: it tells nothing, and counts as refused.
    if (differs && refused !== undefined) refuse(counts, refused);
    else if (differs && refusal)
      judge(counts, { asked, answer: null, error: undefined }, { code: 238, message: String(refusal.get('errmsg')) });
    else
      judge(
        counts,
        { asked, answer: comparable(recorded), error: undefined },
        { value: differs ? comparable(reply) : comparable(recorded) },
      );
    if (refusal) refused = String(refusal.get('errmsg')).replace(/ is not supported.*$/s, '');
  }
}

export async function scenes([client]: readonly WireClient[]): Promise<Tally> {
  const counts = tally();
  for (const scene of lines('scene')) {
    // There is at least one client.
    for (const collection of ['s', 't']) await client!.ask({ drop: collection, $db: 'vectors' });
    await play(objects(scene.get('steps')), { client: client!, counts, db: 'vectors', sessions: new Map() });
  }
  return counts;
}

export async function sessions([client]: readonly WireClient[]): Promise<Tally> {
  const counts = tally();
  const one = new Int32(1);
  for (const scene of lines('sessions')) {
    await client!.ask({ drop: 's', $db: 'sess' });
    const documents = [1, 2].map((id) => Doc.of({ _id: new Int32(id), a: one }));
    await client!.ask({ insert: 's', documents, $db: 'sess' });
    await play(objects(scene.get('steps')), { client: client!, counts, db: 'sess', sessions: new Map() });
  }
  return counts;
}
