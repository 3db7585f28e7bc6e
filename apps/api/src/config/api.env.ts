import {
  AppEnv,
  EgressEnv,
  EncryptionEnv,
  LogEnv,
  MetricsEnv,
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
  LogEnv,
  MetricsEnv,
  TracingEnv,
  EgressEnv,
] as const;
