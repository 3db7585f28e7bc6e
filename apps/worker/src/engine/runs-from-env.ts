import { AppEnv, EgressEnv, EngineEnv, LlmEnv, type Environment } from '@flowmate/config';
import type { Database } from '@flowmate/database';
import { modelFromEnv } from '@flowmate/llm';
import type { Logger, Metrics } from '@flowmate/observability';
import { MAIL_DISPATCH_JOB, type JobProducer } from '@flowmate/queue';
import type { Redis } from '@flowmate/redis';
import type { Tool } from '@flowmate/tools';
import { toolsFromEnv } from '../tools/tools-from-env.js';
import { engineFromEnv, type Engine } from './engine-from-env.js';

export interface RunsSetup {
  readonly env: Environment;
  readonly database: Database;
  readonly redis: Redis;
  readonly producer: JobProducer;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Besides those that are built in. */
  readonly moreTools: readonly Tool[];
}

/** The engine with its model and its tools, as the configuration wants them. */
export function runsFromEnv(setup: RunsSetup): Engine & { readonly closeTools: () => Promise<void> } {
  const { env, database, producer, logger, moreTools } = setup;
  const ring = (outboxId: string): void =>
    void producer.add(MAIL_DISPATCH_JOB, { id: `mail-${outboxId}`, payload: { outboxId } }).catch(() => undefined);
  const { registry, close } = toolsFromEnv({ env, database, ring, more: moreTools });
  const model = modelFromEnv({
    app: env.get(AppEnv),
    llm: env.get(LlmEnv),
    egress: env.get(EgressEnv),
    logger,
    connections: env.get(EngineEnv).concurrency,
  });
  return { ...engineFromEnv({ ...setup, model, registry }), closeTools: close };
}
