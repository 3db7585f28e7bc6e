export { ALL_ENV } from './all-env.js';
export { ConfigError, EXIT_CONFIG, type ConfigProblem } from './config.error.js';
export { configurationPage, envExample } from './describe-env.js';
export { developmentSecrets } from './development-secrets.js';
export { AppEnv } from './env/app.env.js';
export { AuditEnv } from './env/audit.env.js';
export { DatabaseEnv } from './env/database.env.js';
export { DevelopmentEnv } from './env/development.env.js';
export { EgressEnv } from './env/egress.env.js';
export { EngineEnv } from './env/engine.env.js';
export { LlmEnv } from './env/llm.env.js';
export { LogEnv } from './env/log.env.js';
export { MailEnv } from './env/mail.env.js';
export { MetricsEnv } from './env/metrics.env.js';
export { RateLimitEnv, type TunedLimit } from './env/rate-limit.env.js';
export { OidcEnv } from './env/oidc.env.js';
export { RunEnv } from './env/run.env.js';
export { RedisEnv } from './env/redis.env.js';
export {
  EncryptionEnv,
  integrationKeys,
  TokenSecretsEnv,
  type EncryptionKeys,
  type IntegrationKeys,
} from './env/secrets.env.js';
export { ServerEnv } from './env/server.env.js';
export { StreamEnv } from './env/stream.env.js';
export { SignUpEnv } from './env/sign-up.env.js';
export { ToolsEnv } from './env/tools.env.js';
export { TracingEnv } from './env/tracing.env.js';
export { WorkerServerEnv } from './env/worker-server.env.js';
export { Environment } from './environment.js';
export { loadEnv, type LoadOptions } from './load-env.js';
export { Secret } from './secret.js';
export type { EnvClass } from './setting.js';
