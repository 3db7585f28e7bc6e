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
