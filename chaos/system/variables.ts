import { randomBytes } from 'node:crypto';

const secret = (): string => randomBytes(32).toString('hex');

/** The key that the model is asked with: a canary, which must be found nowhere. */
const MODEL_KEY = 'sk-chaos-canary-1b0c7f2e9d';

/** What every process of one system is told. */
export function commonVariables(): Readonly<Record<string, string>> {
  return {
    NODE_ENV: 'test',
    LOG_LEVEL: 'info',
    LOG_FORMAT: 'json',
    SERVER_HOST: '127.0.0.1',
    PORT: '0',
    WORKER_PORT: '0',
    METRICS_PORT: '0',
    JWT_SECRET: secret(),
    REFRESH_SECRET: secret(),
    INTEGRATION_ENC_KEY: secret(),
    OPENAI_KEY: MODEL_KEY,
    RATE_LIMIT_MAX_REQUESTS: '1000000',
    AGENT_TIMEOUT_MS: '60000',
  };
}
