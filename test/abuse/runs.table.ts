import { CANARY } from './abuse-case.js';
import { bearer, json, NOBODY, type IdentityCase, type World } from './identity-case.js';

const RUNS = '/api/v1/runs';
const INVALID = [400, 'validation_failed'] as const;
const MISSING = [404, 'resource_not_found'] as const;

const refused = (
  id: string,
  name: string,
  request: IdentityCase['request'],
  [status, code]: readonly [number, string] = INVALID,
): IdentityCase => ({ id, name, request, status, code });

const start =
  (body: unknown, headers: Record<string, string> = {}) =>
  ({ owner, agentId }: World) => ({
    path: `/api/v1/agents/${agentId}/run`,
    ...json(body, { ...bearer(owner.accessToken), ...headers }),
  });

const read =
  (path: string, headers: Record<string, string> = {}) =>
  ({ owner, runId }: World) => ({
    path: path.replace('{id}', runId),
    headers: { ...bearer(owner.accessToken), ...headers },
  });

const post =
  (path: string, body: unknown, who: (world: World) => string = ({ owner }) => owner.accessToken) =>
  (world: World) => ({ path: path.replace('{id}', world.runId), ...json(body, bearer(who(world))) });

const asStranger =
  (method: string, path: string, body?: unknown) =>
  ({ stranger, runId, agentId }: World) => ({
    ...(body === undefined ? { headers: bearer(stranger.accessToken) } : json(body, bearer(stranger.accessToken))),
    method,
    path: path.replace('{id}', runId).replace('{agent}', agentId),
  });

const INPUTS: ReadonlyArray<readonly [string, string, unknown]> = [
  ['N01', 'no input', {}],
  ['N01', 'an empty input', { input: '' }],
  ['N01', 'an input of 5,001 characters', { input: '😀'.repeat(5_001) }],
  ['N01', 'an input with a NUL', { input: `${CANARY}\0` }],
  ['N01', 'an input with half a character', { input: '\ud800' }],
  ['N01', 'an input that is a list', { input: [CANARY] }],
  ['N13', 'no time at all', { input: 'x', timeoutMs: 0 }],
  ['N13', 'less than no time', { input: 'x', timeoutMs: -1 }],
  ['N13', 'eleven days', { input: 'x', timeoutMs: 1e9 }],
  ['N13', 'a time in words', { input: 'x', timeoutMs: '30' }],
  ['N13', 'a time that is no whole number', { input: 'x', timeoutMs: 1_000.5 }],
  ...['systemPrompt', 'tools', 'definition', 'model', 'policies', 'agentVersion', 'workspaceId', 'startedBy'].map(
    (field) => ['N15', `a ${field} from outside`, { input: 'x', [field]: CANARY }] as const,
  ),
  ['N13', 'an external id of two lines', { input: 'x', externalId: `${CANARY}\nx` }],
  ['N13', 'an external id of 129 characters', { input: 'x', externalId: 'x'.repeat(129) }],
];

const FILTERS = [
  'status=done',
  'status[$ne]=x',
  'status[]=failed',
  'status=failed&status=queued',
  'reason=forever',
  'agentId=1',
  'version=0',
  'trigger=me',
  'since=yesterday',
  'until=2026-02-30T00:00:00Z',
  'minCostMicros=-1',
  'maxCostMicros=1e3.5',
  'errorCode=$where',
  'externalId=%00',
  'limit=101',
  'sort=secret',
  'filter={%22$where%22:1}',
];

const PLACES = ['after=-1', 'after=x', 'before=0', 'limit=0', 'limit=501', 'summary=maybe', 'after[$gt]=0'];

const OF_OTHERS: ReadonlyArray<readonly [string, string, unknown?]> = [
  ['GET', `${RUNS}/{id}`],
  ['GET', `${RUNS}/{id}/journal`],
  ['GET', `${RUNS}/{id}/stream`],
  ['GET', `${RUNS}/{id}/payloads/${'a'.repeat(64)}`],
  ['POST', `${RUNS}/{id}/cancel`],
  ['POST', `${RUNS}/{id}/retry`, {}],
  ['POST', `${RUNS}/{id}/review`, { seq: 1, decision: 'done' }],
  ['POST', '/api/v1/agents/{agent}/run', { input: 'x' }],
];

const analyst = ({ analyst: { accessToken } }: World): string => accessToken;

/** What is sent about runs, and refused, with nothing changed. */
export const RUN_CASES: readonly IdentityCase[] = [
  ...INPUTS.map(([id, name, body]) => refused(id, name, start(body))),
  refused('N15', 'a prototype in the body', ({ owner, agentId }) => ({
    path: `/api/v1/agents/${agentId}/run`,
    ...json({}, bearer(owner.accessToken)),
    body: '{"input":"x","__proto__":{"isAdmin":true}}',
  })),
  ...['', 'x'.repeat(256), 'a b', 'ä'].map((key) =>
    refused('N10', `the Idempotency-Key “${key.slice(0, 10)}”`, start({ input: 'x' }, { 'idempotency-key': key }), [
      400,
      'idempotency_key_invalid',
    ]),
  ),
  ...FILTERS.map((query) => refused('Q02', `a list with ${query}`, read(`${RUNS}?${query}`))),
  refused('G10', 'a cursor that was made up', read(`${RUNS}?cursor=zzz`), [400, 'cursor_invalid']),
  ...PLACES.map((query) => refused('Q02', `a journal with ${query}`, read(`${RUNS}/{id}/journal?${query}`))),
  ...['123', `${NOBODY}0`, '%00', NOBODY.toUpperCase()].map((id) =>
    refused('R02', `the run ${id}`, read(`${RUNS}/${id}`)),
  ),
  ...['x', '..%2f..%2fetc', 'A'.repeat(64), 'a'.repeat(65)].map((ref) =>
    refused('R02', `the payload ${ref}`, read(`${RUNS}/{id}/payloads/${ref}`)),
  ),
  refused('R04', 'a payload that there is not', read(`${RUNS}/{id}/payloads/${'a'.repeat(64)}`), MISSING),
  ...OF_OTHERS.map(([method, path, body]) =>
    refused('R01', `${method} ${path} of somebody else`, asStranger(method, path, body), MISSING),
  ),
  refused('N16', 'a retry of a run that goes on', post(`${RUNS}/{id}/retry`, {}), [409, 'run_not_ended']),
  refused('N16', 'a retry with a word', post(`${RUNS}/{id}/retry`, { repeat: 'yes' })),
  refused('N16', 'a review of nothing', post(`${RUNS}/{id}/review`, { seq: 1, decision: 'done' }), [
    409,
    'review_not_open',
  ]),
  ...[{ seq: 0, decision: 'done' }, { seq: 1, decision: 'maybe' }, { seq: '1', decision: 'done' }, {}].map((body) =>
    refused('N16', `a review ${JSON.stringify(body)}`, post(`${RUNS}/{id}/review`, body)),
  ),
  ...['cancel', 'retry', 'review'].map((verb) =>
    refused('R05', `an analyst who would ${verb} a run`, post(`${RUNS}/{id}/${verb}`, {}, analyst), [
      403,
      'forbidden_role',
    ]),
  ),
  refused(
    'R05',
    'an analyst who would start a run',
    ({ analyst: { accessToken }, agentId }) => ({
      path: `/api/v1/agents/${agentId}/run`,
      ...json({ input: 'x' }, bearer(accessToken)),
    }),
    [403, 'forbidden_role'],
  ),
  ...['abc', '-1', '1e30', '9'.repeat(5_000)].map((id) =>
    refused(
      'Z03',
      `a stream behind the event ${id.slice(0, 10)}`,
      read(`${RUNS}/{id}/stream`, { 'last-event-id': id }),
      [400, 'last_event_id_invalid'],
    ),
  ),
  refused('Z10', 'a stream for who takes pages', read(`${RUNS}/{id}/stream`, { accept: 'text/html' }), [
    406,
    'not_acceptable',
  ]),
  refused(
    'Z12',
    'a stream for a ticket that was made up',
    ({ runId }) => ({
      path: `${RUNS}/${runId}/stream?ticket=${CANARY}`,
    }),
    [401, 'stream_ticket_invalid'],
  ),
  refused(
    'Z01',
    'a stream for a token in the address',
    ({ owner, runId }) => ({
      path: `${RUNS}/${runId}/stream?access_token=${owner.accessToken}`,
    }),
    [401, 'auth_required'],
  ),
];

const AGENTS_SUITE = 'apps/api/test/agents.e2e-spec.ts';
const RUNS_SUITE = 'apps/api/test/runs.e2e-spec.ts';
const STREAMS_SUITE = 'apps/api/test/streams.e2e-spec.ts';
const KEYS_SUITE = 'apps/api/test/idempotency.e2e-spec.ts';
const ENGINE = 'apps/worker/src/engine/run-engine.int.spec.ts';
const BUILT_IN = 'libs/tools/src/builtin/built-in-tools.spec.ts';

/** Cases that take several requests, a worker or a tool: the suite, and how the title of the test begins. */
export const RUNS_ELSEWHERE: Readonly<Record<string, ReadonlyArray<readonly [suite: string, title: string]>>> = {
  G03: [[AGENTS_SUITE, 'G03 a name of 80 characters']],
  G06: [[AGENTS_SUITE, 'G06 are changed by one of twenty']],
  G08: [
    [RUNS_SUITE, 'G08 are those of an agent that is deleted'],
    [RUNS_SUITE, 'G08 do not slip past the deletion'],
  ],
  G09: [[AGENTS_SUITE, 'G09 are gone, once']],
  G11: [[AGENTS_SUITE, 'G11 are exactly as many as the tier says']],
  G12: [[AGENTS_SUITE, 'G12 hold what was checked']],
  N07: [
    [RUNS_SUITE, 'N07 are one run'],
    [KEYS_SUITE, 'N07 is done once'],
  ],
  N08: [
    [RUNS_SUITE, 'N07 are one run, N08 of one body'],
    [KEYS_SUITE, 'N08 is another one'],
  ],
  N09: [
    [RUNS_SUITE, 'N09 are one run, of twenty at once'],
    [KEYS_SUITE, 'N09 is done once'],
  ],
  N11: [[KEYS_SUITE, 'N11 has nothing to do with that of somebody else']],
  N12: [[RUNS_SUITE, 'N12 templates']],
  N14: [[RUNS_SUITE, 'N14 wait for their turn']],
  N16: [
    [RUNS_SUITE, 'N16 leave it to the worker that has them, once'],
    [ENGINE, 'ends a run at once when somebody cancels it'],
  ],
  R11: [[ENGINE, 'does nothing at a bell for a run that is over, held back, unknown, or of another worker']],
  R14: [[AGENTS_SUITE, 'R14 of two people with one name are two']],
  Z02: [[STREAMS_SUITE, 'Z02 is for nobody else']],
  Z04: [[STREAMS_SUITE, 'Z04 begins with how things stand']],
  Z05: [[STREAMS_SUITE, 'Z05 does not begin for who has had everything']],
  Z07: [
    [STREAMS_SUITE, 'Z07 is one event for its reader'],
    ['libs/realtime/src/sse.spec.ts', 'Z07 is one event, whatever stands in it'],
  ],
  Z08: [[STREAMS_SUITE, 'Z08 ends for a person who may no longer read']],
  Z09: [
    [STREAMS_SUITE, 'Z09 leaves nothing behind when it is opened and left'],
    [STREAMS_SUITE, 'Z09 leaves nothing behind for who has left before'],
    [STREAMS_SUITE, 'Z09 is cut off for a reader who does not read'],
  ],
  Z12: [[STREAMS_SUITE, 'Z12 opens once, and its own stream only']],
  Q06: [['libs/database/contract/driver.int.spec.ts', 'refuses by name what only a real MongoDB can do']],
  M01: [
    ['libs/tools/src/port/tool-registry.spec.ts', 'M01 does not know'],
    [ENGINE, 'refuses what is unknown, not granted or not allowed'],
  ],
  M02: [[ENGINE, 'refuses what is unknown, not granted or not allowed']],
  M03: [['libs/tools/test/tool.contract.ts', 'M03 refuses']],
  M04: [[BUILT_IN, 'M04 a path for a name']],
  M05: [[BUILT_IN, 'M05 mail nobody who is no member']],
  M06: [[BUILT_IN, 'M06 10,000 recipients']],
  M07: [[ENGINE, 'makes ten calls of an answer and refuses the rest']],
  M10: [['libs/tools/test/http.contract.ts', 'M10 cuts']],
  M11: [[BUILT_IN, 'M11 a base URL']],
  L10: [
    [ENGINE, 'ends a run that goes in circles, before the third time'],
    [ENGINE, 'ends a run whose steps are used up'],
  ],
};
