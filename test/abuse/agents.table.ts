import { CANARY } from './abuse-case.js';
import { bearer, json, NOBODY, type IdentityCase, type World } from './identity-case.js';

const AGENTS = '/api/v1/agents';

const refused = (
  id: string,
  name: string,
  request: IdentityCase['request'],
  [status, code]: readonly [number, string] = [400, 'validation_failed'],
): IdentityCase => ({ id, name, request, status, code });

const create =
  (body: unknown, headers: Record<string, string> = {}) =>
  ({ owner }: World) => ({ path: AGENTS, ...json(body, { ...bearer(owner.accessToken), ...headers }) });

const change =
  (body: unknown, headers: Record<string, string> = { 'if-match': '"1"' }) =>
  ({ owner, agentId }: World) => ({
    path: `${AGENTS}/${agentId}`,
    ...json(body, { ...bearer(owner.accessToken), ...headers }),
    method: 'PATCH',
  });

const list =
  (query: string) =>
  ({ owner }: World) => ({ path: `${AGENTS}?${query}`, headers: bearer(owner.accessToken) });

const text =
  (path: string, method = 'GET', headers: Record<string, string> = {}) =>
  ({ owner, agentId }: World) => ({
    path: path.replace('{id}', agentId),
    method,
    headers: { ...bearer(owner.accessToken), ...headers },
  });

const long = (length: number): string => '😀'.repeat(length);

const FOREIGN_FIELDS = [
  '_id',
  'id',
  'ownerId',
  'workspaceId',
  'createdAt',
  'version',
  'role',
  '__v',
  'slot',
  'request',
];

const BAD_NAMES: ReadonlyArray<readonly [string, unknown]> = [
  ['empty', ''],
  ['of 81 characters', long(81)],
  ['with a NUL', `${CANARY}\0`],
  ['with half a character', `${CANARY}\ud800`],
  ['of spaces', '   '],
  ['that turns the text around it', `${CANARY}\u202e`],
  ['of two lines', `${CANARY}\nx`],
  ['that is nothing', null],
  ['that is a number', 7],
];

const OUTPUT: ReadonlyArray<readonly [string, unknown]> = [
  ['an operator', { type: 'object', $where: CANARY }],
  ['a reference', { type: 'object', $ref: '#/x' }],
  ['a dotted field', { type: 'object', properties: { 'a.b': { type: 'string' } } }],
  ['a field with a dollar', { type: 'object', properties: { $gt: { type: 'string' } } }],
];

const CREATE: readonly IdentityCase[] = [
  ...FOREIGN_FIELDS.map((field) => refused('G01', `a ${field} from outside`, create({ name: 'x', [field]: NOBODY }))),
  ...BAD_NAMES.map(([name, value]) => refused('G02', `a name ${name}`, create({ name: value }))),
  refused('G02', 'no name', create({})),
  refused('G04', 'a prompt of 5,001 characters', create({ name: 'x', systemPrompt: long(5_001) })),
  refused('G04', 'a prompt with a NUL', create({ name: 'x', systemPrompt: 'a\0b' })),
  refused('G04', 'a description of 501 characters', create({ name: 'x', description: long(501) })),
  ...['http.gett', 'http.get ', 'httρ.get', `tools.${CANARY}`, '__proto__', 'constructor'].map((tool) =>
    refused('G05', `the tool ${tool}`, create({ name: 'x', tools: [tool] }), [
      400,
      /^[a-z][a-z0-9_.-]*$/.test(tool) ? 'tool_unknown' : 'validation_failed',
    ]),
  ),
  refused('G05', 'a tool twice', create({ name: 'x', tools: ['time.now', 'time.now'] })),
  refused('G05', '51 tools', create({ name: 'x', tools: Array.from({ length: 51 }, (_, i) => `tool.n${i}`) })),
  refused('G05', 'a tool that is no text', create({ name: 'x', tools: [{ $ne: null }] })),
  refused(
    'G05',
    'a policy for a tool it does not have',
    create({
      name: 'x',
      tools: ['time.now'],
      policies: [{ tool: 'http.get', policy: 'allow' }],
    }),
  ),
  refused(
    'G05',
    'two policies for a tool',
    create({
      name: 'x',
      tools: ['time.now'],
      policies: [
        { tool: 'time.now', policy: 'allow' },
        { tool: 'time.now', policy: 'deny' },
      ],
    }),
  ),
  ...[
    { name: 'm\n' },
    { name: CANARY.repeat(20) },
    { temperature: 3 },
    { maxOutputTokens: 0 },
    { url: 'http://x' },
  ].map((model) => refused('G05', `a model ${Object.keys(model)[0]}`, create({ name: 'x', model }))),
  ...[{ timeoutMs: 999 }, { timeoutMs: 3_600_001 }, { timeoutMs: '30' }, { maxSteps: 26 }, { maxSteps: 0 }].map(
    (limits) => refused('G05', `limits ${JSON.stringify(limits)}`, create({ name: 'x', limits })),
  ),
  refused(
    'R08',
    'a tool of another workspace, which is as unknown as any',
    create({ name: 'x', tools: ['mcp.theirs'] }),
    [400, 'tool_unknown'],
  ),
  refused('R08', 'a connection of another workspace', create({ name: 'x', integrations: [NOBODY] })),
  ...['', 'x'.repeat(256), 'a b', 'ä'].map((key) =>
    refused('N10', `the Idempotency-Key “${key.slice(0, 10)}”`, create({ name: 'x' }, { 'idempotency-key': key }), [
      400,
      'idempotency_key_invalid',
    ]),
  ),
  ...OUTPUT.map(([name, output]) =>
    refused('Q05', `${name} in the schema of an answer`, create({ name: 'x', output })),
  ),
  refused('Q05', 'a prototype in the schema of an answer', ({ owner }) => ({
    path: AGENTS,
    ...json({}, bearer(owner.accessToken)),
    body: '{"name":"x","output":{"type":"object","properties":{"__proto__":{"type":"string"}}}}',
  })),
];

const CHANGE: readonly IdentityCase[] = [
  refused('G06', 'a change of an older version', change({ name: 'y' }, { 'if-match': '"7"' }), [
    412,
    'version_mismatch',
  ]),
  ...['*', '1', 'W/"1"', '"0"', '"1", "2"', CANARY].map((etag) =>
    refused('G06', `If-Match: ${etag}`, change({ name: 'y' }, { 'if-match': etag }), [412, 'version_mismatch']),
  ),
  refused('G06', 'a change without If-Match', change({ name: 'y' }, {}), [428, 'precondition_required']),
  refused('G07', 'a change of nothing', change({})),
  ...['name', 'description', 'systemPrompt', 'model', 'tools', 'policies', 'limits'].flatMap((field) => [
    refused('G07', `${field} that is nothing`, change({ [field]: null })),
    refused('G07', `${field} of another type`, change({ [field]: 7 })),
  ]),
  refused('G07', 'output of another type', change({ output: [] })),
  refused('G07', 'a tool that is unknown', change({ tools: ['no.such'] }), [400, 'tool_unknown']),
  refused('G01', 'a version from outside', change({ name: 'y', version: 9 })),
];

const READ: readonly IdentityCase[] = [
  ...[
    'limit=0',
    'limit=-1',
    'limit=1e9',
    'limit=abc',
    'sort=$where',
    'sort=secret',
    'fields=$password',
    'fields=-hash',
  ].map((query) => refused('G10', `a list with ${query}`, list(query))),
  ...['zzz', 'MS4xMjM', Buffer.from(`1.${NOBODY}x`).toString('base64url')].map((cursor) =>
    refused('G10', `the cursor ${cursor}`, list(`cursor=${cursor}`), [400, 'cursor_invalid']),
  ),
  ...['name[$ne]=x', 'name[]=a', 'name=a&name=b', 'filter={"$where":"sleep(5000)"}', 'name[$regex]=.*'].map((query) =>
    refused('Q02', `a list with ${query}`, list(query.replaceAll('"', '%22'))),
  ),
  refused('Q03', 'a list sorted by __v', list('sort=__v')),
  refused('Q04', 'a name of 65 characters to look for', list(`name=${'a'.repeat(65)}`)),
  ...['(a+)+$', '.*.*.*', '\\', '$'].map((name): IdentityCase => ({
    id: 'Q04',
    name: `the name ${name} to look for, which is a name`,
    request: list(`name=${encodeURIComponent(name)}`),
    status: 200,
  })),
  ...['0', '-1', '1.5', 'abc', '1e9', '99999999999'].map((version) =>
    refused('R02', `the version ${version}`, text(`${AGENTS}/{id}/versions/${version}`)),
  ),
  ...['123', `${NOBODY}0`, '%7B%22$ne%22:1%7D', NOBODY.toUpperCase()].map((id) =>
    refused('R02', `the agent ${id}`, text(`${AGENTS}/${id}`)),
  ),
  refused('R04', 'a version that there is not', text(`${AGENTS}/{id}/versions/2`), [404, 'resource_not_found']),
  ...['GET', 'DELETE'].map((method): IdentityCase => ({
    id: 'R01',
    name: `${method} an agent of somebody else`,
    request: ({ stranger, agentId }) => ({
      method,
      path: `${AGENTS}/${agentId}`,
      headers: bearer(stranger.accessToken),
    }),
    status: 404,
    code: 'resource_not_found',
  })),
];

const analyst = (name: string, method: string, path: string): IdentityCase => ({
  id: 'R05',
  name: `an analyst who would ${name} an agent`,
  request: (world) => ({ path, ...json({ name: 'x' }, bearer(world.analyst.accessToken)), method }),
  status: 403,
  code: 'forbidden_role',
});

/** What is sent about agents, and refused, with nothing changed. */
export const AGENT_CASES: readonly IdentityCase[] = [
  ...CREATE,
  ...CHANGE,
  ...READ,
  analyst('make', 'POST', AGENTS),
  analyst('change', 'PATCH', `${AGENTS}/${NOBODY}`),
  analyst('delete', 'DELETE', `${AGENTS}/${NOBODY}`),
];
