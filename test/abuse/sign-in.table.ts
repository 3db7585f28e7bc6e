import { CANARY, type AbuseCase } from './abuse-case.js';
import { json, type IdentityCase, type World } from './identity-case.js';

const REQUEST = '/api/v1/auth';
const VERIFY = '/api/v1/auth/verify';
const JSON_TYPE = { 'content-type': 'application/json' };

const post = (path: string, body: unknown): AbuseCase['request'] => ({
  method: 'POST',
  path,
  headers: JSON_TYPE,
  body: JSON.stringify(body),
});

const refused = (id: string, name: string, path: string, body: unknown): AbuseCase => ({
  id,
  name,
  request: post(path, body),
  status: 400,
  code: 'validation_failed',
});

/** 43 characters of base64url that nobody was given. */
const UNKNOWN = 'Zb3n0k1aR5u8vXy2c4E6g8J0L2n4P6r8T0v2X4z6B8d';

const foreign = (name: string, token: string): AbuseCase => ({
  id: 'A17',
  name: `${name} as a link’s token`,
  request: post(VERIFY, { token }),
  status: 401,
  code: 'auth_link_invalid',
});

/** Signing in by a link, as far as one request shows it. What takes several is in the suite of the sign-in. */
export const SIGN_IN_CASES: readonly AbuseCase[] = [
  refused('A02', 'an operator for an address', REQUEST, { email: { $gt: CANARY } }),
  refused('A02', 'a number for an address', REQUEST, { email: 5 }),
  refused('A02', 'null for an address', REQUEST, { email: null }),
  refused('A02', 'no address', REQUEST, {}),
  refused('A02', 'an unknown field', REQUEST, { email: 'a@x.io', role: CANARY }),
  refused('A03', 'two addresses', REQUEST, { email: ['a@x.io', `${CANARY}@y.io`] }),
  refused('A03', 'two addresses in one text', REQUEST, { email: `a@x.io,${CANARY}@y.io` }),
  refused('A04', 'a header in an address', REQUEST, { email: `a@x.io\r\nBcc: ${CANARY}@y.io` }),
  refused('A04', 'NUL in an address', REQUEST, { email: `${CANARY}\u0000@x.io` }),
  refused('A04', 'an address of 255 characters', REQUEST, { email: `${'a'.repeat(250)}@x.io` }),
  refused('A04', 'an address with two @', REQUEST, { email: `${CANARY}@y.io@x.io` }),
  refused('A04', 'an address with spaces around it', REQUEST, { email: ` ${CANARY}@x.io ` }),
  ...[
    `https://${CANARY}.example`,
    `//${CANARY}.example`,
    `/\\${CANARY}.example`,
    `javascript:alert('${CANARY}')`,
    `/\t/${CANARY}.example`,
    `/a\n/${CANARY}`,
    `/a\\b/${CANARY}`,
    CANARY,
    '',
    `/${'a'.repeat(500)}`,
    null,
    ['/a'],
  ].map((redirectTo) =>
    refused('A08', `the way on ${JSON.stringify(redirectTo)}`.slice(0, 60), REQUEST, { email: 'a@x.io', redirectTo }),
  ),
  ...['GET', 'PUT', 'DELETE'].flatMap((method) =>
    [REQUEST, VERIFY].map((path): AbuseCase => ({
      id: 'A10',
      name: `${method} ${path}`,
      request: { method, path: `${path}?token=${UNKNOWN}` },
      status: 405,
      code: 'method_not_allowed',
      headers: { allow: /POST/ },
    })),
  ),
  ...[null, '', [], {}, 5, true, 'x'.repeat(10_240), UNKNOWN.slice(1), `${UNKNOWN}x`, `${UNKNOWN.slice(1)}$`].map(
    (token) => refused('A11', `the token ${JSON.stringify(token)}`.slice(0, 60), VERIFY, { token }),
  ),
  refused('A11', 'no token', VERIFY, {}),
  refused('A11', 'a token and a field of another operation', VERIFY, { token: UNKNOWN, email: `${CANARY}@x.io` }),
  refused('A11', 'a code of letters', VERIFY, { token: UNKNOWN, code: CANARY }),
  refused('A11', 'null for a code', VERIFY, { token: UNKNOWN, code: null }),
  refused('A11', 'an operator for a request id', VERIFY, { token: UNKNOWN, requestId: { $ne: CANARY } }),
  {
    id: 'A12',
    name: 'an unknown token',
    request: post(VERIFY, { token: UNKNOWN }),
    status: 401,
    code: 'auth_link_invalid',
  },
  foreign(
    'an access token',
    `eyJhbGciOiJIUzI1NiJ9.${Buffer.from(`{"sub":"${CANARY}"}`).toString('base64url')}.c2lnbmF0dXJl`,
  ),
  foreign('a refresh token', `fm_refresh_65f0c0ffee0123456789abcd.${UNKNOWN}.${UNKNOWN}`),
  foreign('an API key', `fm_live_${UNKNOWN}`),
];

const real = (name: string, tokenOf: (world: World) => string): IdentityCase => ({
  id: 'A17',
  name: `${name} that is good, as a link’s token`,
  request: (world) => ({ path: VERIFY, ...json({ token: tokenOf(world) }) }),
  status: 401,
  code: 'auth_link_invalid',
});

/** The same with tokens that were really given out: good elsewhere, and nothing here. */
export const REAL_TOKEN_CASES: readonly IdentityCase[] = [
  real('an access token', ({ owner }) => owner.accessToken),
  real('a refresh token', ({ owner }) => owner.refreshToken),
  real('an API key', ({ keys }) => keys.good.secret),
];

const SUITE = 'apps/api/test/sign-in.e2e-spec.ts';
/** Cases that take several requests, and the suite in which each stands under its id. */
export const SIGN_IN_ELSEWHERE: Readonly<Record<string, readonly string[]>> = {
  // What is answered and written; how long it takes is measured over two thousand requests.
  A01: [SUITE, 'bench/sign-in/suite.ts'],
  A05: [SUITE],
  A06: [SUITE],
  A07: [SUITE],
  // That production does not start with what prints links.
  A09: [SUITE, 'apps/api/test/mailbox.e2e-spec.ts'],
  A10: [SUITE],
  A12: [SUITE],
  A13: [SUITE],
  A14: [SUITE],
  A15: [SUITE],
  A16: [SUITE],
};
