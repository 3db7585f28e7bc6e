import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { verifies } from '@flowmate/testing';
import {
  AppEnv,
  ConfigError,
  LogEnv,
  MetricsEnv,
  Secret,
  ServerEnv,
  TokenSecretsEnv,
  TracingEnv,
  integrationKeys,
  loadEnv,
} from './index.js';
import { EncryptionEnv } from './index.js';

const GOOD = 'f3a91c0e5b7d2846f3a91c0e5b7d2846f3a91c0e5b7d2846f3a91c0e5b7d2846';
const OTHER = '0b1d8c7e6f5a49382716f5e4d3c2b1a00b1d8c7e6f5a49382716f5e4d3c2b1a0';
const ALL = [AppEnv, ServerEnv, LogEnv, MetricsEnv, TracingEnv, TokenSecretsEnv, EncryptionEnv];

function problemsOf(variables: Record<string, string>): Record<string, string> {
  try {
    loadEnv(ALL, { variables });
  } catch (error) {
    if (error instanceof ConfigError) return Object.fromEntries(error.problems.map(({ name, rule }) => [name, rule]));
    throw error;
  }
  return {};
}

const folder = mkdtempSync(join(tmpdir(), 'flowmate-config-'));
let files = 0;

afterAll(() => rmSync(folder, { recursive: true }));

function yaml(content: string): string {
  const path = join(folder, `${(files += 1)}.yaml`);
  writeFileSync(path, content);
  return path;
}

describe(verifies('FM-72', 'FR-5', 'FR-6', 'FR-12', 'loading the configuration'), () => {
  it('gives documented defaults for an empty environment', () => {
    const env = loadEnv(ALL, { variables: {} });
    expect(env.get(ServerEnv)).toMatchObject({
      port: 9000,
      readTimeoutMs: 30_000,
      writeTimeoutMs: 30_000,
      shutdownTimeoutMs: 10_000,
      allowedOrigins: [],
    });
    expect(env.get(AppEnv)).toMatchObject({ host: '127.0.0.1', apiVersion: 'v1', isProduction: false });
    expect(loadEnv([AppEnv], { variables: { NODE_ENV: 'production' } }).get(AppEnv).host).toBe('0.0.0.0');
    expect(env.get(LogEnv)).toMatchObject({ level: 'info', format: 'json' });
  });

  it('prefers the environment to the file and the file to the default', () => {
    const file = yaml('PORT: 1234\nLOG_LEVEL: warn\nALLOWED_ORIGINS: [https://a.example, https://b.example]\n');
    const env = loadEnv(ALL, { variables: { FLOWMATE_CONFIG: file, PORT: '4321' } });
    expect(env.get(ServerEnv).port).toBe(4321);
    expect(env.get(LogEnv).level).toBe('warn');
    expect(env.get(ServerEnv).allowedOrigins).toEqual(['https://a.example', 'https://b.example']);
  });

  it('takes one file for all processes: what another one reads is no mistake', () => {
    const file = yaml('PORT: 1234\nWORKER_PORT: 4321\n');
    expect(loadEnv([ServerEnv], { variables: { FLOWMATE_CONFIG: file } }).get(ServerEnv).port).toBe(1234);
  });

  it('reads false as false', () => {
    expect(loadEnv(ALL, { variables: { ENABLE_METRICS: 'false' } }).get(MetricsEnv).enabled).toBe(false);
  });

  it.each([
    ['30s', 30_000],
    ['15m', 900_000],
    ['2500', 2_500],
    ['2h', 7_200_000],
  ])('reads the duration %s', (text, ms) => {
    expect(loadEnv(ALL, { variables: { SERVER_READ_TIMEOUT: text } }).get(ServerEnv).readTimeoutMs).toBe(ms);
  });

  it.each(['0', '100', '1999ms'])('refuses %s for requests to arrive, which leaves their headers no time', (text) => {
    expect(problemsOf({ SERVER_READ_TIMEOUT: text })).toHaveProperty('SERVER_READ_TIMEOUT');
  });

  it('accepts another name and refuses two names that disagree', () => {
    expect(loadEnv(ALL, { variables: { SERVER_PORT: '8080' } }).get(ServerEnv).port).toBe(8080);
    expect(problemsOf({ SERVER_PORT: '8080', PORT: '8080' })).toEqual({});
    expect(problemsOf({ SERVER_PORT: '8080', PORT: '9000' })).toHaveProperty('PORT');
  });

  it('reports every problem at once, by name and never by value', () => {
    const canary = 'canary-5e1d';
    const wrong = { PORT: canary, LOG_LEVEL: canary, SERVER_HOST: canary, OTEL_ENABLED: canary, JWT_SECRET: canary };
    const problems = problemsOf(wrong);
    expect(Object.keys(problems).sort()).toEqual(Object.keys(wrong).sort());
    expect(() => loadEnv(ALL, { variables: wrong })).toThrow(expect.objectContaining({ exitCode: 78 }));
    expect(JSON.stringify(problems)).not.toContain(canary);
  });

  it.each(['-1', '1e3', '0x10', '65536', '9000.5', 'NaN'])('refuses the port %s', (port) => {
    expect(problemsOf({ PORT: port })).toHaveProperty('PORT');
  });

  it('refuses a file that is missing, broken, oversized or names an unknown setting', () => {
    expect(problemsOf({ FLOWMATE_CONFIG: '/nonexistent/flowmate.yaml' })).toHaveProperty('FLOWMATE_CONFIG');
    expect(problemsOf({ FLOWMATE_CONFIG: '/dev/zero' })).toHaveProperty('FLOWMATE_CONFIG');
    expect(problemsOf({ FLOWMATE_CONFIG: tmpdir() })).toHaveProperty('FLOWMATE_CONFIG');
    expect(problemsOf({ FLOWMATE_CONFIG: yaml('a: [') })).toHaveProperty('FLOWMATE_CONFIG');
    expect(problemsOf({ FLOWMATE_CONFIG: yaml(`#${'x'.repeat(300_000)}`) })).toHaveProperty('FLOWMATE_CONFIG');
    expect(problemsOf({ FLOWMATE_CONFIG: yaml('PROT: 9000') })).toHaveProperty('PROT');
    expect(problemsOf({ FLOWMATE_CONFIG: yaml('PORT: {a: 1}') })).toHaveProperty('PORT');
  });

  it('freezes what it loaded', () => {
    expect(Object.isFrozen(loadEnv(ALL, { variables: {} }).get(ServerEnv))).toBe(true);
  });
});

describe(verifies('FM-58', 'allowed origins (case H02)'), () => {
  it.each([
    '*',
    'https://*.example.com',
    'https://a.example/',
    'https://a.example/path',
    'null',
    '/^https/',
    'ftp://a.example',
    'a.example',
  ])('refuses %s', (origin) => {
    expect(problemsOf({ ALLOWED_ORIGINS: origin })).toHaveProperty('ALLOWED_ORIGINS');
    expect(problemsOf({ ALLOWED_ORIGINS: `https://ok.example,${origin}` })).toHaveProperty('ALLOWED_ORIGINS');
  });
});

describe(verifies('FM-61', 'FM-68', 'FM-72', 'secrets (case T19)'), () => {
  const production = { NODE_ENV: 'production', JWT_SECRET: GOOD, REFRESH_SECRET: OTHER, INTEGRATION_ENC_KEY: GOOD };

  it('starts production with three strong, different secrets', () => {
    expect(problemsOf(production)).toEqual({});
  });

  it('refuses production without them', () => {
    expect(Object.keys(problemsOf({ NODE_ENV: 'production' })).sort()).toEqual([
      'INTEGRATION_ENC_KEY',
      'JWT_SECRET',
      'REFRESH_SECRET',
    ]);
  });

  it.each([
    ['too short', 'JWT_SECRET', 'f3a91c0e5b7d2846'],
    ['empty', 'JWT_SECRET', ''],
    ['blank', 'JWT_SECRET', ' '.repeat(64)],
    ['one character repeated', 'JWT_SECRET', 'a'.repeat(64)],
    ['the placeholder of .env.example', 'JWT_SECRET', 'change-me-change-me-change-me-change-me'],
    ['a well-known value', 'JWT_SECRET', '0123456789abcdef0123456789abcdef'],
    ['equal to the other', 'REFRESH_SECRET', GOOD],
    ['31 bytes', 'INTEGRATION_ENC_KEY', GOOD.slice(2)],
    ['33 bytes', 'INTEGRATION_ENC_KEY', `${GOOD}ab`],
    ['not hex', 'INTEGRATION_ENC_KEY', `zz${GOOD.slice(2)}`],
    ['the one before and still the present one', 'INTEGRATION_ENC_KEY_PREVIOUS', GOOD],
    ['the one before, and too short', 'INTEGRATION_ENC_KEY_PREVIOUS', OTHER.slice(2)],
  ])('refuses a secret that is %s', (_, name, value) => {
    expect(Object.keys(problemsOf({ ...production, [name]: value }))).toEqual([name]);
  });

  it('refuses a weak secret in development too, if one is set', () => {
    expect(problemsOf({ JWT_SECRET: 'short' })).toHaveProperty('JWT_SECRET');
  });

  it('knows the encryption keys that are in use, the one before only when it is set', () => {
    const keys = (more: Record<string, string>) =>
      integrationKeys(loadEnv(ALL, { variables: { ...production, ...more } }).get(EncryptionEnv));
    expect(keys({})).toEqual({ current: GOOD, previous: [] });
    expect(keys({ INTEGRATION_ENC_KEY_PREVIOUS: '' })).toEqual({ current: GOOD, previous: [] });
    expect(keys({ INTEGRATION_ENC_KEY_PREVIOUS: OTHER })).toEqual({ current: GOOD, previous: [OTHER] });
  });

  it('takes the encryption key as base64', () => {
    expect(problemsOf({ ...production, INTEGRATION_ENC_KEY: Buffer.from(GOOD, 'hex').toString('base64') })).toEqual({});
  });

  it.each([{ NODE_ENV: 'production ' }, { NODE_ENV: '', FLOWMATE_CONFIG: yaml('NODE_ENV: production') }])(
    'takes production for production however it is written: %j',
    (variables) => {
      const env = { ...variables } as Record<string, string>;
      expect(Object.keys(problemsOf(env)).sort()).toEqual(['INTEGRATION_ENC_KEY', 'JWT_SECRET', 'REFRESH_SECRET']);
    },
  );

  it('keeps a secret of digits in the file as it is written', () => {
    const digits = '90817263544536271890908172635445362718909081726354453627';
    const env = loadEnv(ALL, { variables: { FLOWMATE_CONFIG: yaml(`JWT_SECRET: ${digits}`) } });
    expect(env.get(TokenSecretsEnv).jwtSecret?.reveal()).toBe(digits);
  });

  it('asks for development secrets by name and never in production', () => {
    const asked: string[] = [];
    const supply = (missing: readonly string[]): Record<string, string> => {
      asked.push(...missing);
      return { JWT_SECRET: GOOD, REFRESH_SECRET: OTHER, INTEGRATION_ENC_KEY: GOOD };
    };
    const env = loadEnv(ALL, { variables: { REFRESH_SECRET: OTHER }, supply });
    expect(asked.sort()).toEqual(['INTEGRATION_ENC_KEY', 'JWT_SECRET']);
    expect(env.get(TokenSecretsEnv).jwtSecret?.reveal()).toBe(GOOD);
    expect(() => loadEnv(ALL, { variables: { NODE_ENV: 'production' }, supply })).toThrow(ConfigError);
  });
});

describe('Secret', () => {
  it('shows nothing unless it is revealed', () => {
    const secret = new Secret('canary-91af');
    const shown = [String(secret), JSON.stringify({ secret }), inspect({ secret }, { depth: 5 }), `${secret}`].join();
    expect(shown).not.toContain('canary');
    expect(secret.reveal()).toBe('canary-91af');
  });
});
