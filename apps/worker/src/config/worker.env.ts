import {
  AppEnv,
  AuditEnv,
  DatabaseEnv,
  EgressEnv,
  EncryptionEnv,
  LogEnv,
  MailEnv,
  MetricsEnv,
  RedisEnv,
  SignUpEnv,
  ToolsEnv,
  TracingEnv,
  WorkerServerEnv,
} from '@flowmate/config';

/** What the worker's process needs to know, and nothing that only the api does. */
export const WORKER_ENV = [
  AppEnv,
  WorkerServerEnv,
  EncryptionEnv,
  MailEnv,
  SignUpEnv,
  DatabaseEnv,
  RedisEnv,
  LogEnv,
  AuditEnv,
  MetricsEnv,
  TracingEnv,
  EgressEnv,
  ToolsEnv,
] as const;
