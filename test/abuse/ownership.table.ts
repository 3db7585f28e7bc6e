import { CANARY } from './abuse-case.js';
import { bearer, json, NOBODY, type IdentityCase, type World } from './identity-case.js';

const change = (value: unknown, headers: Record<string, string>) => ({ ...json(value, headers), method: 'PATCH' });

interface Attempt {
  readonly name: string;
  readonly method?: string;
  readonly path: (world: World) => string;
  readonly body?: unknown;
}

/** Things of the owner, asked for by the stranger. */
const OTHERS: readonly Attempt[] = [
  { name: 'rotate a key', method: 'POST', path: ({ keys }) => `/api/v1/api-keys/${keys.good.id}/rotate` },
  { name: 'revoke a key', method: 'DELETE', path: ({ keys }) => `/api/v1/api-keys/${keys.good.id}` },
  { name: 'end a session', method: 'DELETE', path: ({ owner }) => `/api/v1/auth/sessions/${owner.sessionId}` },
];

const request =
  (who: (world: World) => string, { method, path, body }: Attempt) =>
  (world: World) => ({
    method: method ?? 'GET',
    path: path(world),
    headers: { ...bearer(who(world)), ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });

const notFound = (attempt: Attempt): IdentityCase[] => [
  {
    id: 'R01',
    name: `${attempt.name} of somebody else`,
    request: request(({ stranger }) => stranger.accessToken, attempt),
    status: 404,
    code: 'resource_not_found',
  },
  {
    id: 'R01',
    name: `${attempt.name} in the workspace of somebody else, which the header names`,
    request: (world) => {
      const sent = request(({ stranger }) => stranger.accessToken, attempt)(world);
      return { ...sent, headers: { ...sent.headers, 'x-workspace-id': world.owner.workspaceId } };
    },
    status: 404,
    code: 'resource_not_found',
  },
];

const malformed = (id: string): IdentityCase => ({
  id: 'R02',
  name: `the id ${id}`,
  request: ({ owner }) => ({ method: 'DELETE', path: `/api/v1/api-keys/${id}`, headers: bearer(owner.accessToken) }),
  status: 400,
  code: 'validation_failed',
});

const workspace = (name: string, value: (world: World) => string, status: number, code: string): IdentityCase => ({
  id: 'R03',
  name,
  request: (world) => ({
    path: '/api/v1/api-keys',
    headers: { ...bearer(world.owner.accessToken), 'x-workspace-id': value(world) },
  }),
  status,
  code,
});

const parameter = (query: string): IdentityCase => ({
  id: 'R03',
  name: `a parameter ${query}`,
  request: ({ owner }) => ({ path: `/api/v1/api-keys?${query}`, headers: bearer(owner.accessToken) }),
  status: 400,
  code: 'validation_failed',
});

/** What an analyst may not. */
const forbidden = (name: string, sent: Omit<Attempt, 'name'>): IdentityCase => ({
  id: 'R05',
  name: `an analyst who would ${name}`,
  request: request(({ analyst }) => analyst.accessToken, { name, ...sent }),
  status: 403,
  code: 'forbidden_role',
});

const KEY = { name: 'k', scopes: ['members:read'] };

export const OWNERSHIP_CASES: readonly IdentityCase[] = [
  ...OTHERS.flatMap(notFound),
  ...['123', `${NOBODY}0`, '%00', '%7B%22$ne%22:1%7D', NOBODY.toUpperCase(), `${NOBODY}%0a`].map(malformed),
  workspace('a workspace of somebody else', ({ stranger }) => stranger.workspaceId, 404, 'resource_not_found'),
  workspace('a workspace that is not there', () => NOBODY, 404, 'resource_not_found'),
  workspace('a workspace that is none', () => CANARY, 400, 'validation_failed'),
  workspace('no workspace, said aloud', () => '', 400, 'validation_failed'),
  parameter('workspaceId=other'),
  parameter('userId=other'),
  parameter('limit=0'),
  parameter('limit=-1'),
  parameter('limit=1e9'),
  parameter('limit=abc'),
  parameter('limit=1&limit=2'),
  parameter('cursor[$ne]=x'),
  {
    id: 'R03',
    name: 'a cursor that was made up',
    request: ({ owner }) => ({ path: '/api/v1/api-keys?cursor=zzz', headers: bearer(owner.accessToken) }),
    status: 400,
    code: 'cursor_invalid',
  },
  forbidden('make a key', { method: 'POST', path: () => '/api/v1/api-keys', body: KEY }),
  forbidden('revoke a key', { method: 'DELETE', path: () => `/api/v1/api-keys/${NOBODY}` }),
  forbidden('list the people', { path: () => '/api/v1/admin/users' }),
  {
    id: 'R06',
    name: 'a manager who would make himself admin',
    request: ({ owner }) => ({
      path: `/api/v1/admin/users/${owner.userId}`,
      ...change({ role: 'admin' }, bearer(owner.accessToken)),
    }),
    status: 403,
    code: 'forbidden_role',
  },
  {
    id: 'R06',
    name: 'a role in a body that has none',
    request: ({ owner }) => ({
      path: '/api/v1/api-keys',
      ...json({ ...KEY, ownerId: NOBODY, workspaceId: NOBODY, _id: NOBODY }, bearer(owner.accessToken)),
    }),
    status: 400,
    code: 'validation_failed',
  },
  {
    id: 'R06',
    name: 'a key with a role of people',
    request: ({ owner }) => ({
      path: '/api/v1/api-keys',
      ...json({ ...KEY, role: 'admin' }, bearer(owner.accessToken)),
    }),
    status: 400,
    code: 'validation_failed',
  },
  ...['/api/v1/auth/me', '/api/v1/api-keys', '/api/v1/admin/users'].map((path): IdentityCase => ({
    id: 'R07',
    name: `a worker’s token at ${path}`,
    request: ({ owner, forge }) => ({
      path,
      headers: bearer(forge({ payload: { role: 'agent', wid: owner.workspaceId, sid: undefined, sv: undefined } })),
    }),
    status: 403,
    code: 'forbidden_role',
  })),
  {
    id: 'R07',
    name: 'a token with a role of people in it',
    request: ({ forge }) => ({ path: '/api/v1/auth/me', headers: bearer(forge({ payload: { role: 'admin' } })) }),
    status: 401,
    code: 'auth_token_invalid',
  },
  {
    id: 'R09',
    name: 'the last admin who would step down',
    request: ({ admin }) => ({
      path: `/api/v1/admin/users/${admin.userId}`,
      ...change({ role: 'manager' }, bearer(admin.accessToken)),
    }),
    status: 409,
    code: 'last_admin',
  },
  {
    id: 'R09',
    name: 'the last admin who would disable himself',
    request: ({ admin }) => ({
      path: `/api/v1/admin/users/${admin.userId}`,
      ...change({ disabled: true }, bearer(admin.accessToken)),
    }),
    status: 409,
    code: 'last_admin',
  },
  {
    id: 'R09',
    name: 'a person that is not there',
    request: ({ admin }) => ({
      path: `/api/v1/admin/users/${NOBODY}`,
      ...change({ role: 'manager' }, bearer(admin.accessToken)),
    }),
    status: 404,
    code: 'resource_not_found',
  },
  ...['role', 'tier', 'disabled'].map((field): IdentityCase => ({
    id: 'R09',
    name: `a ${field} that is nothing`,
    request: ({ admin, stranger }) => ({
      path: `/api/v1/admin/users/${stranger.userId}`,
      ...change({ [field]: null }, bearer(admin.accessToken)),
    }),
    status: 400,
    code: 'validation_failed',
  })),
  ...['role', 'expiresAt'].map((field): IdentityCase => ({
    id: 'R09',
    name: `a key whose ${field} is nothing`,
    request: ({ owner }) => ({
      path: '/api/v1/api-keys',
      ...json({ ...KEY, [field]: null }, bearer(owner.accessToken)),
    }),
    status: 400,
    code: 'validation_failed',
  })),
  ...[
    '2099-W01-1',
    '2099-123',
    '2099',
    '2099-01-01',
    '2099-02-30T00:00:00Z',
    '2099-01-01T00:00:00',
    '2099-01-01T00:00:00,5Z',
    '2099-01-01T00:00:00+99:99',
    '+275760-09-13T00:00:01Z',
  ].map((expiresAt): IdentityCase => ({
    id: 'R09',
    name: `a key until ${expiresAt}, which is no moment`,
    request: ({ owner }) => ({ path: '/api/v1/api-keys', ...json({ ...KEY, expiresAt }, bearer(owner.accessToken)) }),
    status: 400,
    code: 'validation_failed',
  })),
  {
    id: 'R09',
    name: 'a change of nothing',
    request: ({ admin }) => ({
      path: `/api/v1/admin/users/${admin.userId}`,
      ...change({}, bearer(admin.accessToken)),
    }),
    status: 400,
    code: 'validation_failed',
  },
];
