import { AppEnv, EgressEnv, LlmEnv, loadEnv } from '@flowmate/config';
import { createLogger } from '@flowmate/observability';
import { modelFromEnv } from './model-from-env.js';
import type { ModelPort } from './model-port.js';

function modelOf(variables: Record<string, string>): { model: ModelPort; log: string } {
  const env = loadEnv([AppEnv, EgressEnv, LlmEnv], { variables });
  let log = '';
  const logger = createLogger({
    level: 'info',
    format: 'json',
    service: 'test',
    environment: 'test',
    destination: { write: (line: string) => void (log += line) },
  });
  const model = modelFromEnv({ app: env.get(AppEnv), egress: env.get(EgressEnv), llm: env.get(LlmEnv), logger });
  return { model, log };
}

describe('the model of a configuration', () => {
  it('is the demonstration without a key, and the log says so', () => {
    const { model, log } = modelOf({});
    expect(model.host).toBe('scripted');
    expect(log).toContain('demonstration model');
  });

  it('is the provider with one, under its own name', () => {
    const { model, log } = modelOf({ OPENAI_KEY: 'sk-1', OPENAI_BASE_URL: 'http://127.0.0.1:11434/v1' });
    expect(model.host).toBe('127.0.0.1:11434');
    expect(log).toBe('');
  });
});
