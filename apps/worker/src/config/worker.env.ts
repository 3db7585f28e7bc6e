import { AppEnv, EgressEnv, LogEnv, MetricsEnv, TracingEnv, WorkerServerEnv } from '@flowmate/config';

/** What the worker's process needs to know, and nothing that only the api does. */
export const WORKER_ENV = [AppEnv, WorkerServerEnv, LogEnv, MetricsEnv, TracingEnv, EgressEnv] as const;
