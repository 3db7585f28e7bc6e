import { verifies } from '@flowmate/testing';
import { escapeControls, maskEmail, scrub, scrubCorrelationId, scrubPath } from './scrub.js';

const JWT = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI2NWYwIn0.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
const HEX_KEY = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';
const BASE64_KEY = 'kq3Zr/8hWm+T0aXv5cYp/2LdQn7uJfGs4eBwHiKoP1E=';
const KEY = 'fm_live_4eC39HqLyjWDarjtT1zdp7dc';

describe(verifies('AP-12', 'K02', 'secrets in log texts'), () => {
  it.each([
    ['an API key', `key ${KEY} refused`, KEY],
    ['a short API key', 'fm_test_abcdef12 refused', 'abcdef12'],
    ['a bearer token', 'sent Bearer s3cr3t-t0ken-x', 's3cr3t-t0ken-x'],
    ['a JWT', `got ${JWT}`, 'eyJzdWIi'],
    ['a password pair', 'auth password=hunter2 failed', 'hunter2'],
    ['a quoted pair', 'with token="a b c" failed', 'a b c'],
    ['an environment pair', 'JWT_SECRET=tiny ignored', 'tiny'],
    ['a JSON pair', '{"accessToken":"abc-def"}', 'abc-def'],
    ['a query string', 'GET /auth/verify?token=abc&next=/x', 'abc'],
    ['an OAuth code', 'callback /cb?code=4%2F0Ab&state=zzz9', 'zzz9'],
    ['user and password of a URL', 'mongodb://app:s3cret@db:27017/flowmate', 's3cret'],
    ['a password with odd characters', 'redis://:p/a?ss#w@cache:6379', 'p/a?ss'],
    ['a query of a URL', 'https://api.example.com/v1?sig=deadbeef', 'deadbeef'],
    ['a cookie header', 'Cookie: refresh=abc; theme=dark', 'abc'],
    ['an authorization header', 'authorization: Custom zzz9 yyy8', 'yyy8'],
    ['a hex key', `key ${HEX_KEY}`, HEX_KEY.slice(0, 16)],
    ['a base64 key', `loaded ${BASE64_KEY}`, 'kq3Zr'],
    ['a GitHub token', 'ghp_16C7e42F292c6912E7710c838347Ae178B4a', '16C7e42F'],
    ['a model key', 'sk-proj-abcd1234efgh', 'abcd1234'],
  ])('hides %s', (_, text, secret) => {
    const scrubbed = scrub(text, 1_024);
    expect(scrubbed).not.toContain(secret);
    expect(scrubbed).toContain('[redacted]');
  });

  it('hides a secret that crosses the cap', () => {
    expect(scrub(`${'word '.repeat(20)}${KEY}`, 110)).not.toContain('fm_live');
  });

  it.each([
    'api started',
    'run 65f0c0ffee65f0c0ffee65f0 claimed',
    'request 0b8f4a0e-8f0e-4f7e-9d5e-2f3b9a1c7d11 failed',
    '/api/v1/agents/65f0c0ffee65f0c0ffee65f0/runs/65f0c0ffee65f0c0ffee65f1',
    'JWT_SECRET: must have at least 32 characters',
    'connect ECONNREFUSED 127.0.0.1:27017',
    'see https://docs.example.com/errors/run_crash_loop',
    'MAGIC_LINK_REQUESTS_PER_ADDRESS_AND_HOUR is not set',
  ])('leaves "%s" as it is', (text) => {
    expect(scrub(text, 1_024)).toBe(text);
  });

  it('takes a time in proportion to the length of hostile text', () => {
    const hostile = ['?', 'key="', 'a.a@', 'a-', 'http://', '[', 'eyJ', 'token = ', '"', '/a'];
    const started = performance.now();
    for (const part of hostile) scrub(part.repeat(5_000), 8_192);
    expect(performance.now() - started).toBeLessThan(1_000);
  });
});

describe(verifies('K01', 'control characters'), () => {
  it.each([
    ['LF', 'a\nb', 'a\\u000ab'],
    ['CR', 'a\rb', 'a\\u000db'],
    ['NUL', 'a\0b', 'a\\u0000b'],
    ['ANSI', '\u001b[31mred', '\\u001b[31mred'],
    ['C1', '\u009b31m', '\\u009b31m'],
    ['a line separator', 'a\u2028b', 'a\\u2028b'],
    ['a direction override', 'a\u202eb', 'a\\u202eb'],
  ])('spells %s out', (_, text, expected) => {
    expect(escapeControls(text)).toBe(expected);
    expect(scrub(text, 100)).toBe(expected);
    expect(scrubPath(`/${text}`, 100)).toBe(`/${expected}`);
  });
});

describe('log texts', () => {
  it('are cut at the cap', () => {
    expect(scrub('word '.repeat(500), 100)).toHaveLength(101);
  });

  it('hold paths without their query or fragment', () => {
    expect(scrubPath('/a/b?token=1', 100)).toBe('/a/b');
    expect(scrubPath('/a/b#token', 100)).toBe('/a/b');
    expect(scrubPath(`/verify/${HEX_KEY}`, 100)).not.toContain(HEX_KEY);
  });

  it('mask addresses', () => {
    expect(maskEmail('jane.doe@example.com')).toBe('j***@example.com');
    expect(scrub('sent to jane.doe@example.com', 100)).toBe('sent to j***@example.com');
    expect(scrub('/users/jane%40example.com', 100)).toBe('/users/j***%40example.com');
  });

  it('keep a correlation id that looks like a hash, but not one that is a key', () => {
    expect(scrubCorrelationId(HEX_KEY.slice(0, 32), 100)).toBe(HEX_KEY.slice(0, 32));
    expect(scrubCorrelationId(KEY, 100)).toBe('[redacted]');
    expect(scrubCorrelationId('a\nb', 100)).toBe('a\\u000ab');
  });
});
