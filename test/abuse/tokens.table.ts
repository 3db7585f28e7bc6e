import { CANARY } from './abuse-case.js';
import { bearer, json, NOBODY, type Forgery, type IdentityCase, type World } from './identity-case.js';

const ME = '/api/v1/auth/me';
const REFRESH = '/api/v1/auth/refresh';
const KEYS = '/api/v1/api-keys';

const SECOND = 1;
const MINUTE = 60;
const HOUR = 3_600;
const now = (): number => Math.floor(Date.now() / 1_000);

/** A bearer that is not one, or is none of ours. */
function refused(
  id: string,
  name: string,
  authorization: string | ((world: World) => string),
  code: string,
): IdentityCase {
  const value = (world: World): string => (typeof authorization === 'string' ? authorization : authorization(world));
  return {
    id,
    name,
    request: (world) => ({ path: ME, headers: { authorization: value(world) } }),
    status: 401,
    code,
    headers: { 'www-authenticate': 'Bearer' },
  };
}

const forged = (id: string, name: string, change: Forgery, code = 'auth_token_invalid'): IdentityCase =>
  refused(id, name, (world) => `Bearer ${world.forge(change)}`, code);

/** Whatever is wrong with a key, it is one answer. */
const wrongKey = (name: string, key: (world: World) => string): IdentityCase =>
  refused('T15', name, (world) => `Bearer ${key(world)}`, 'api_key_invalid');

const refusedRefresh = (id: string, name: string, token: (world: World) => string): IdentityCase => ({
  id,
  name,
  request: (world) => ({ path: REFRESH, ...json({ refreshToken: token(world) }) }),
  status: 401,
  code: 'auth_refresh_invalid',
});

const cookieRefresh = (name: string, headers: Record<string, string>): IdentityCase => ({
  id: 'T14',
  name,
  request: ({ owner }) => ({ path: REFRESH, ...json({}, { cookie: `fm_refresh=${owner.refreshToken}`, ...headers }) }),
  status: 403,
  code: 'csrf_origin_denied',
});

/** A change with the cookie of somebody who is signed in, from a page that is not ours. */
const cookieChange = (name: string, headers: Record<string, string>): IdentityCase => ({
  id: 'T14',
  name,
  request: ({ owner }) => ({
    method: 'DELETE',
    path: `${KEYS}/${NOBODY}`,
    headers: { cookie: `fm_access=${owner.accessToken}`, ...headers },
  }),
  status: 403,
  code: 'csrf_origin_denied',
});

const withKey = (name: string, request: ReturnType<IdentityCase['request']>): IdentityCase => ({
  id: 'T17',
  name,
  request: ({ keys }) => ({ ...request, headers: { ...request.headers, ...bearer(keys.good.secret) } }),
  status: 403,
  code: 'forbidden_scope',
});

const KEY = { name: 'k', scopes: ['members:read'] };

export const TOKEN_CASES: readonly IdentityCase[] = [
  { id: 'T01', name: 'no credentials', request: () => ({ path: ME }), status: 401, code: 'auth_required' },
  refused('T01', 'Basic', `Basic ${CANARY}`, 'auth_required'),
  refused('T01', 'an empty bearer', 'Bearer ', 'auth_token_invalid'),
  refused('T01', 'a bearer of two words', `Bearer a ${CANARY}`, 'auth_token_invalid'),
  refused('T01', 'a bearer with a comma', `Bearer a,${CANARY}`, 'auth_token_invalid'),
  refused('T01', 'not a token', `Bearer ${CANARY}`, 'auth_token_invalid'),
  refused('T01', 'three dots', 'Bearer ...', 'auth_token_invalid'),
  forged('T02', 'no algorithm', { algorithm: 'none', header: { alg: 'none' } }),
  forged('T02', 'no algorithm in capitals', { algorithm: 'none', header: { alg: 'NONE' } }),
  forged('T02', 'HS512', { algorithm: 'HS512', header: { alg: 'HS512' } }),
  forged('T02', 'RS256 with our secret as the key', { header: { alg: 'RS256' } }),
  forged('T03', 'a path as the key', { header: { kid: '../../dev/null' } }),
  forged('T03', 'a query as the key', { header: { kid: "' OR 1=1 --" } }),
  forged('T03', 'a key name of five kilobytes', { header: { kid: 'k'.repeat(5_000) } }),
  forged('T03', 'the name of a prototype as the key', { header: { kid: '__proto__' } }),
  forged('T03', 'no key', { header: { kid: undefined } }),
  forged('T03', 'an address of keys', { header: { jku: 'https://evil.example/keys' } }),
  forged('T03', 'an address of certificates', { header: { x5u: 'https://evil.example/cert' } }),
  forged('T03', 'a key inside', { header: { jwk: { kty: 'oct', k: 'AAAA' } } }),
  refused('T04', 'a refresh token as the bearer', ({ owner }) => `Bearer ${owner.refreshToken}`, 'auth_token_invalid'),
  refusedRefresh('T04', 'an access token at refresh', ({ owner }) => owner.accessToken),
  forged(
    'T05',
    'expired by 31 seconds',
    { payload: { iat: now() - 931 * SECOND, exp: now() - 31 * SECOND } },
    'auth_token_expired',
  ),
  {
    id: 'T05',
    name: 'expired by 10 seconds',
    request: (world) => ({
      path: ME,
      headers: bearer(world.forge({ payload: { iat: now() - 910 * SECOND, exp: now() - 10 * SECOND } })),
    }),
    status: 200,
  },
  forged('T06', 'made in an hour', { payload: { iat: now() + HOUR, exp: now() + HOUR + MINUTE } }),
  forged('T06', 'without an end', { payload: { exp: undefined } }),
  forged('T06', 'without a beginning', { payload: { iat: undefined } }),
  forged('T06', 'for a thousand years', { payload: { exp: 253_370_764_800 } }),
  forged('T06', 'for a minute longer than ours', { payload: { exp: now() + 16 * MINUTE } }),
  forged('T06', 'an end in words', { payload: { exp: 'tomorrow' } }),
  forged('T07', 'for another audience', { payload: { aud: 'somebody-else' } }),
  forged('T07', 'for two audiences', { payload: { aud: ['somebody-else'] } }),
  forged('T07', 'of another issuer', { payload: { iss: 'somebody-else' } }),
  forged('T07', 'of another type', { header: { typ: 'JWT' } }),
  forged('T07', 'of no type', { header: { typ: undefined } }),
  forged('T07', 'signed by somebody else', { secret: 'another secret of more than thirty-two bytes' }),
  forged('T07', 'of a session that is not there', { payload: { sid: NOBODY } }),
  forged('T07', 'of another person', { payload: { sub: NOBODY } }),
  forged('T07', 'of a later version', { payload: { sv: 99 } }),
  forged('T07', 'with an operator for an id', { payload: { sid: { $ne: null } } }),
  refused(
    'T07',
    'with an edited payload',
    ({ owner }) => {
      const [header, , signature] = owner.accessToken.split('.');
      const payload = Buffer.from(JSON.stringify({ sub: NOBODY })).toString('base64url');
      return `Bearer ${header}.${payload}.${signature}`;
    },
    'auth_token_invalid',
  ),
  refused(
    'T07',
    'with its last character changed',
    ({ owner }) => {
      const { accessToken } = owner;
      // Not the last one of all: its low bits are padding.
      const at = accessToken.length - 5;
      const other = accessToken[at] === 'A' ? 'B' : 'A';
      return `Bearer ${accessToken.slice(0, at)}${other}${accessToken.slice(at + 1)}`;
    },
    'auth_token_invalid',
  ),
  refusedRefresh(
    'T11',
    'a refresh token that was made up',
    () => `fm_refresh_${NOBODY}.${'A'.repeat(43)}.${'A'.repeat(16)}`,
  ),
  refusedRefresh('T11', 'a word for a refresh token', () => CANARY),
  {
    id: 'T11',
    name: 'no refresh token at all',
    request: () => ({ path: REFRESH, ...json({}) }),
    status: 401,
    code: 'auth_refresh_invalid',
  },
  {
    id: 'T13',
    name: 'the token in the query',
    request: ({ owner }) => ({ path: `${ME}?access_token=${owner.accessToken}` }),
    status: 401,
    code: 'auth_required',
  },
  {
    id: 'T13',
    name: 'the token in the body',
    request: ({ owner }) => ({ path: KEYS, ...json({ ...KEY, access_token: owner.accessToken }) }),
    status: 401,
    code: 'auth_required',
  },
  {
    id: 'T13',
    name: 'the token in a cookie of another name',
    request: ({ owner }) => ({ path: ME, headers: { cookie: `access_token=${owner.accessToken}; xfm_access=1` } }),
    status: 401,
    code: 'auth_required',
  },
  cookieRefresh('another origin', { origin: 'https://evil.example', 'x-flowmate': '1' }),
  cookieRefresh('no origin, from another site', { 'sec-fetch-site': 'cross-site', 'x-flowmate': '1' }),
  cookieRefresh('from a neighbour of the same site', { 'sec-fetch-site': 'same-site', 'x-flowmate': '1' }),
  cookieRefresh('without the header of our pages', { 'sec-fetch-site': 'same-origin' }),
  cookieRefresh('without any origin', { 'x-flowmate': '1' }),
  cookieRefresh('a null origin', { origin: 'null', 'x-flowmate': '1' }),
  cookieChange('a change from another origin', { origin: 'https://evil.example', 'x-flowmate': '1' }),
  cookieChange('a change from another site', { 'sec-fetch-site': 'cross-site', 'x-flowmate': '1' }),
  cookieChange('a change without the header of our pages', { 'sec-fetch-site': 'same-origin' }),
  wrongKey('its last character changed', ({ keys }) => {
    const { secret } = keys.good;
    return secret.slice(0, -1) + (secret.endsWith('A') ? 'E' : 'A');
  }),
  wrongKey('cut short', ({ keys }) => keys.good.secret.slice(0, -1)),
  wrongKey('too long', ({ keys }) => `${keys.good.secret}A`),
  wrongKey('another prefix', ({ keys }) => keys.good.secret.replace('fm_live_', 'ap_live_')),
  wrongKey('another kind', ({ keys }) => keys.good.secret.replace('fm_live_', 'fm_test_')),
  wrongKey('revoked', ({ keys }) => keys.revoked.secret),
  wrongKey('expired', ({ keys }) => keys.expired.secret),
  wrongKey('only the prefix', () => 'fm_live_A'),
  {
    id: 'T16',
    name: 'a key that may read and writes',
    request: ({ keys }) => ({ path: '/api/v1/workspaces', ...json({ name: 'w' }, bearer(keys.good.secret)) }),
    status: 403,
    code: 'forbidden_scope',
  },
  withKey('a key that makes a key', { path: KEYS, ...json(KEY) }),
  withKey('a key that reads keys', { path: KEYS }),
  withKey('a key that rotates itself', { method: 'POST', path: `${KEYS}/${NOBODY}/rotate` }),
  withKey('a key that ends sessions', { method: 'DELETE', path: '/api/v1/auth/sessions' }),
  withKey('a key that lists people', { path: '/api/v1/admin/users' }),
  {
    id: 'T17',
    name: 'a key with more than its owner may',
    request: ({ owner }) => ({
      path: KEYS,
      ...json({ ...KEY, scopes: ['users:manage'] }, bearer(owner.accessToken)),
    }),
    status: 403,
    code: 'forbidden_scope',
  },
  {
    id: 'T17',
    name: 'a key that could make keys',
    request: ({ owner }) => ({ path: KEYS, ...json({ ...KEY, scopes: ['keys:manage'] }, bearer(owner.accessToken)) }),
    status: 403,
    code: 'forbidden_scope',
  },
  {
    id: 'T18',
    name: 'an authorization of 20 KB',
    request: () => ({ path: ME, headers: { authorization: `Bearer ${'a'.repeat(20_000)}` } }),
    status: 431,
    code: 'headers_too_large',
  },
];
