import {
  AppEnv,
  AuditEnv,
  DatabaseEnv,
  EgressEnv,
  EncryptionEnv,
  LogEnv,
  MailEnv,
  MetricsEnv,
  RateLimitEnv,
  RedisEnv,
  ServerEnv,
  SignUpEnv,
  TokenSecretsEnv,
  TracingEnv,
} from '@flowmate/config';

/** What the api's process needs to know, and nothing that only the worker does. */
export const API_ENV = [
  AppEnv,
  ServerEnv,
  TokenSecretsEnv,
  EncryptionEnv,
  MailEnv,
  SignUpEnv,
  DatabaseEnv,
  RedisEnv,
  RateLimitEnv,
  LogEnv,
  AuditEnv,
  MetricsEnv,
  TracingEnv,
  EgressEnv,
] as const;
