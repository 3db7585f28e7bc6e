import type { AppEnv, EgressEnv, LlmEnv } from '@flowmate/config';
import { egressFromEnv, type EgressEvent } from '@flowmate/egress';
import type { Logger } from '@flowmate/observability';
import type { ModelPort } from './model-port.js';
import { OpenAiLlm } from './openai/openai.llm.js';
import { demonstration } from './scripted/demonstration.js';

export interface ModelSetup {
  readonly app: AppEnv;
  readonly llm: LlmEnv;
  readonly egress: EgressEnv;
  readonly logger: Logger;
  /** As many as calls may be under way at once: one that waits for a socket runs out of its time to begin. */
  readonly connections?: number;
  readonly onRequest?: (event: EgressEvent) => void;
}

/** The provider that is configured; without a key, which production does not start without, the demonstration. */
export function modelFromEnv({ app, llm, egress, logger, connections, onRequest }: ModelSetup): ModelPort {
  if (!llm.key) {
    logger.warn('no OPENAI_KEY: the built-in demonstration model answers, and it cannot think');
    return demonstration(llm.demoWordMs);
  }
  return new OpenAiLlm({
    baseUrl: llm.baseUrl,
    key: llm.key,
    firstByteMs: llm.firstByteMs,
    idleMs: llm.idleMs,
    egress: egressFromEnv({
      app,
      egress,
      trusted: [llm.baseUrl],
      ...(connections ? { connections } : {}),
      ...(onRequest ? { onRequest } : {}),
    }),
  });
}
