import {
  AppEnv,
  DatabaseEnv,
  EgressEnv,
  LogEnv,
  MetricsEnv,
  RedisEnv,
  TracingEnv,
  WorkerServerEnv,
} from '@flowmate/config';

/** What the worker's process needs to know, and nothing that only the api does. */
export const WORKER_ENV = [
  AppEnv,
  WorkerServerEnv,
  DatabaseEnv,
  RedisEnv,
  LogEnv,
  MetricsEnv,
  TracingEnv,
  EgressEnv,
] as const;
