import { AppEnv } from './env/app.env.js';
import { AuditEnv } from './env/audit.env.js';
import { DatabaseEnv } from './env/database.env.js';
import { DevelopmentEnv } from './env/development.env.js';
import { EgressEnv } from './env/egress.env.js';
import { EngineEnv } from './env/engine.env.js';
import { LlmEnv } from './env/llm.env.js';
import { LogEnv } from './env/log.env.js';
import { MailEnv } from './env/mail.env.js';
import { MetricsEnv } from './env/metrics.env.js';
import { RateLimitEnv } from './env/rate-limit.env.js';
import { OidcEnv } from './env/oidc.env.js';
import { RedisEnv } from './env/redis.env.js';
import { RunEnv } from './env/run.env.js';
import { EncryptionEnv, TokenSecretsEnv } from './env/secrets.env.js';
import { ServerEnv } from './env/server.env.js';
import { SignUpEnv } from './env/sign-up.env.js';
import { ToolsEnv } from './env/tools.env.js';
import { StreamEnv } from './env/stream.env.js';
import { TracingEnv } from './env/tracing.env.js';
import { WorkerServerEnv } from './env/worker-server.env.js';
import type { EnvClass } from './setting.js';

/** Every group of settings there is, in the order of the documentation. */
export const ALL_ENV: readonly EnvClass[] = [
  AppEnv,
  ServerEnv,
  WorkerServerEnv,
  TokenSecretsEnv,
  EncryptionEnv,
  MailEnv,
  SignUpEnv,
  OidcEnv,
  DatabaseEnv,
  RedisEnv,
  RateLimitEnv,
  LogEnv,
  AuditEnv,
  MetricsEnv,
  TracingEnv,
  EgressEnv,
  ToolsEnv,
  LlmEnv,
  RunEnv,
  EngineEnv,
  StreamEnv,
  DevelopmentEnv,
];
