import { ConfigError } from '../config.error.js';
import { loadEnv } from '../load-env.js';
import type { Variables } from '../sources.js';
import { AppEnv } from './app.env.js';
import { LlmEnv } from './llm.env.js';

const load = (variables: Variables): LlmEnv => loadEnv([AppEnv, LlmEnv], { variables }).get(LlmEnv);

function refusal(variables: Variables): unknown {
  try {
    return load(variables);
  } catch (error) {
    if (error instanceof ConfigError) return { problems: error.problems, exitCode: error.exitCode };
    throw error;
  }
}

const production = { NODE_ENV: 'production', OPENAI_KEY: 'sk-1' };

describe('the settings of the language model', () => {
  it('need nothing in development', () => {
    expect(load({})).toMatchObject({
      key: undefined,
      baseUrl: 'https://api.openai.com/v1',
      firstByteMs: 15_000,
      idleMs: 15_000,
    });
  });

  it('keep production without a key from starting', () => {
    expect(refusal({ NODE_ENV: 'production' })).toEqual({
      exitCode: 78,
      problems: [{ name: 'OPENAI_KEY', rule: 'is required in production' }],
    });
  });

  it.each(['sk 1', 'sk-é', 'sk-\r\nx: y'])('refuse a key that is no header, and do not repeat it', (key) => {
    const answer = refusal({ OPENAI_KEY: key });
    expect(answer).toMatchObject({ problems: [{ name: 'OPENAI_KEY' }] });
    expect(JSON.stringify(answer)).not.toContain('sk');
  });

  it.each([
    'https://models.example.com/v1',
    'http://127.0.0.1:11434/v1',
    'http://10.1.2.3:8000/v1',
    'http://[::1]:8000/v1',
    'http://[fd00::1]:8000/v1',
    'http://vllm:8000/v1',
    'http://vllm.models.svc.cluster.local/v1',
  ])('take %s in production', (baseUrl) => {
    expect(load({ ...production, OPENAI_BASE_URL: baseUrl }).baseUrl).toBe(baseUrl);
  });

  it.each(['http://models.example.com/v1', 'http://8.8.8.8/v1', 'http://[2001:db8::1]/v1'])(
    'refuse %s in production',
    (baseUrl) => {
      expect(refusal({ ...production, OPENAI_BASE_URL: baseUrl })).toMatchObject({
        problems: [{ name: 'OPENAI_BASE_URL', rule: expect.stringContaining('must be https') }],
      });
    },
  );

  it.each([
    'ftp://models.example.com',
    'models',
    'https://u:p@models.example.com/v1',
    'https://models.example.com/?k=v',
  ])('refuse %s everywhere', (baseUrl) => {
    expect(refusal({ OPENAI_BASE_URL: baseUrl })).toMatchObject({ problems: [{ name: 'OPENAI_BASE_URL' }] });
  });
});
