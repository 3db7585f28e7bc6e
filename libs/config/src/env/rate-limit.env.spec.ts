import { verifies } from '@flowmate/testing';
import { ConfigError, loadEnv, RateLimitEnv, ServerEnv } from '../index.js';

const read = (variables: Record<string, string>) => loadEnv([RateLimitEnv, ServerEnv], { variables });

function problemsOf(variables: Record<string, string>): string[] {
  try {
    read(variables);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map(({ name }) => name);
    throw error;
  }
  return [];
}

describe(verifies('U-9', 'the window of the rate limit'), () => {
  it.each<[Record<string, string>, number]>([
    [{}, 900_000],
    [{ RATE_LIMIT_WINDOW_MS: '60000' }, 60_000],
    [{ RATE_LIMIT_WINDOW_SECONDS: '900' }, 900_000],
    [{ RATE_LIMIT_WINDOW_MS: '900000', RATE_LIMIT_WINDOW_SECONDS: '900' }, 900_000],
    [{ RATE_LIMIT_WINDOW_MS: '15m', RATE_LIMIT_WINDOW_SECONDS: '900' }, 900_000],
  ])('of %j is %d ms', (variables, windowMs) => {
    expect(read(variables).get(RateLimitEnv).windowMs).toBe(windowMs);
  });

  it.each<Record<string, string>>([
    { RATE_LIMIT_WINDOW_MS: '900000', RATE_LIMIT_WINDOW_SECONDS: '901' },
    { RATE_LIMIT_WINDOW_MS: '900', RATE_LIMIT_WINDOW_SECONDS: '900' },
    { RATE_LIMIT_WINDOW_MS: '999' },
    { RATE_LIMIT_WINDOW_SECONDS: 'x' },
    { RATE_LIMIT_WINDOW_SECONDS: '86401' },
  ])('is refused in %j', (variables) => {
    expect(problemsOf(variables)).toEqual(expect.arrayContaining(['RATE_LIMIT_WINDOW_MS']));
  });
});

describe('limits of single operations', () => {
  it('are read by name', () => {
    const { routes, ...env } = read({ RATE_LIMIT_ROUTES: 'auth-request=20/10m, run=5/1000' }).get(RateLimitEnv);
    expect(routes).toHaveLength(2);
    expect(env).toMatchObject({ maxRequests: 100, replicas: 1 });
    expect(read({ RATE_LIMIT_ROUTES: 'auth-request=20/10m, run=5/1000' }).get(RateLimitEnv).tuned()).toEqual(
      new Map([
        ['auth-request', { max: 20, windowMs: 600_000 }],
        ['run', { max: 5, windowMs: 1_000 }],
      ]),
    );
  });

  it.each(['run', 'run=0/1m', 'run=5', 'run=5/0', 'RUN=5/1m', 'run=5/1m/2'])(
    'are refused as %s',
    (RATE_LIMIT_ROUTES) => {
      expect(problemsOf({ RATE_LIMIT_ROUTES })).toEqual(['RATE_LIMIT_ROUTES']);
    },
  );
});

describe('trusted proxies (case L02)', () => {
  it.each([
    ['', undefined, []],
    ['0', 0, ['0']],
    ['2', 2, ['2']],
    ['10.0.0.0/8, ::1', undefined, ['10.0.0.0/8', '::1']],
  ])('are read from %j', (TRUST_PROXY, trustedHops, trustedProxies) => {
    const env = read({ TRUST_PROXY }).get(ServerEnv);
    expect([env.trustedHops, env.trustedProxies]).toEqual([trustedHops, trustedProxies]);
  });

  it.each(['true', '*', 'all', '11', '1,2', '0.0.0.0/0', '::/0', '10.0.0.0/33', 'proxy.example', 'loopback', '-1'])(
    'are never %s',
    (TRUST_PROXY) => {
      expect(problemsOf({ TRUST_PROXY })).toEqual(['TRUST_PROXY']);
    },
  );
});
