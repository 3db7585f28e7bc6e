import {
  AppEnv,
  DatabaseEnv,
  EgressEnv,
  EncryptionEnv,
  LogEnv,
  MetricsEnv,
  RedisEnv,
  ServerEnv,
  TokenSecretsEnv,
  TracingEnv,
} from '@flowmate/config';

/** What the api's process needs to know, and nothing that only the worker does. */
export const API_ENV = [
  AppEnv,
  ServerEnv,
  TokenSecretsEnv,
  EncryptionEnv,
  DatabaseEnv,
  RedisEnv,
  LogEnv,
  MetricsEnv,
  TracingEnv,
  EgressEnv,
] as const;
