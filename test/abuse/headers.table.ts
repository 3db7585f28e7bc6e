import { CANARY, type AbuseCase } from './abuse-case.js';

/** The one origin that the harness allows. */
export const ALLOWED_ORIGIN = 'https://app.flowmate.example';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

const FOREIGN_ORIGINS = [
  'https://evil.example',
  'null',
  `${ALLOWED_ORIGIN}.evil.example`,
  'http://app.flowmate.example',
  `${ALLOWED_ORIGIN}:8443`,
  'https://APP.flowmate.example.',
  'https://xapp.flowmate.example',
];

const preflight = (origin: string): AbuseCase['request'] => ({
  method: 'OPTIONS',
  path: '/test/echo',
  headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type' },
});

const parameters = (count: number): string => Array.from({ length: count }, (_, index) => `p${index}=1`).join('&');
const query = (name: string, search: string): AbuseCase => ({
  id: 'H07',
  name,
  request: { path: `/test/echo?${search}` },
  status: 400,
  code: 'validation_failed',
});

/** Headers and queries. */
export const HEADER_CASES: readonly AbuseCase[] = [
  ...FOREIGN_ORIGINS.flatMap((origin): AbuseCase[] => [
    {
      id: 'H01',
      name: `the foreign origin ${origin}`,
      request: { path: '/test/nothing', headers: { origin } },
      status: 200,
      headers: { 'access-control-allow-origin': null },
    },
    {
      id: 'H01',
      name: `a preflight from ${origin}`,
      request: preflight(origin),
      status: 204,
      headers: { 'access-control-allow-origin': null },
    },
  ]),
  {
    id: 'H01',
    name: 'our own origin',
    request: { path: '/test/nothing', headers: { origin: ALLOWED_ORIGIN } },
    status: 200,
    headers: {
      'access-control-allow-origin': ALLOWED_ORIGIN,
      'access-control-allow-credentials': 'true',
      vary: /Origin/,
    },
  },
  {
    id: 'H01',
    name: 'a preflight from our own origin',
    request: preflight(ALLOWED_ORIGIN),
    status: 204,
    headers: {
      'access-control-allow-origin': ALLOWED_ORIGIN,
      'access-control-allow-methods': /POST/,
      'access-control-allow-headers': /^authorization, content-type, /,
    },
  },
  ...['short', '<script>alert(1)</script>', 'x'.repeat(1_024), `id with ${CANARY}`, 'sevénchars'].map(
    (id): AbuseCase => ({
      id: 'H04',
      name: `a correlation id like ${id.slice(0, 20)}`,
      request: { path: '/test/nothing', headers: { 'x-correlation-id': Buffer.from(id).toString('latin1') } },
      status: 200,
      headers: { 'x-correlation-id': UUID },
    }),
  ),
  {
    id: 'H04',
    name: 'no correlation id',
    request: { path: '/test/nothing' },
    status: 200,
    headers: { 'x-correlation-id': UUID },
  },
  {
    id: 'H04',
    name: 'a good correlation id',
    request: { path: '/test/nothing', headers: { 'x-correlation-id': 'order-4711_retry' } },
    status: 200,
    headers: { 'x-correlation-id': 'order-4711_retry' },
  },
  query('1,001 parameters', parameters(1_001)),
  query('one parameter twice', `a=${CANARY}&a=2`),
  query('an unknown parameter', `workspaceId=${CANARY}`),
  query('an operator', `a[$ne]=${CANARY}`),
  query('array brackets', `a[]=${CANARY}`),
  query('text where a number is due', `limit=${CANARY}`),
  query('a number below the least', 'limit=0'),
  { id: 'H07', name: 'the parameters it declares', request: { path: '/test/echo?a=1&limit=5' }, status: 200 },
  {
    id: 'H07',
    name: 'any parameter where none is declared',
    request: { path: `/test/nothing?a=${CANARY}` },
    status: 400,
    code: 'validation_failed',
    issue: { path: '', rule: 'unrecognized_keys' },
  },
  ...['error', 'string', 'rejection', 'circular', 'provider'].map((how): AbuseCase => ({
    id: 'H09',
    name: `a handler that fails by ${how}`,
    request: { path: `/test/fail/${how}` },
    status: 500,
    code: 'internal',
  })),
  {
    id: 'V04',
    name: 'QUERY, which needs a content type',
    request: { method: 'QUERY', path: '/test/nothing' },
    status: 405,
    code: 'method_not_allowed',
  },
  { id: 'H10', name: '/metrics on the public port', request: { path: '/metrics' }, status: 404, code: 'not_found' },
  { id: 'H10', name: '/docs', request: { path: '/docs' }, status: 404, code: 'not_found' },
  ...['/api/metrics', '/debug/pprof/heap', '/debug/pprof/profile', '/health/details'].flatMap((path): AbuseCase[] => [
    { id: 'H10', name: `${path} without a token`, request: { path }, status: 401, code: 'auth_required' },
    {
      id: 'H10',
      name: `${path} with a wrong token`,
      request: { path, headers: { authorization: `Bearer ${CANARY}` } },
      status: 401,
      code: 'auth_token_invalid',
    },
  ]),
];
