import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';

/** Who and what the current piece of work is for. Each log line written within it carries these. */
export interface WorkContext {
  readonly correlationId: string;
  userId?: string;
  workspaceId?: string;
  agentId?: string;
  runId?: string;
}

const storage = new AsyncLocalStorage<WorkContext>();

/** What a correlation id from outside may look like; anything else could forge or flood log lines. */
export const CORRELATION_ID = /^[A-Za-z0-9_-]{8,64}$/;

export function runWithContext<T>(context: WorkContext, work: () => T): T {
  return storage.run(context, work);
}

export function currentContext(): WorkContext | undefined {
  return storage.getStore();
}

/** Adds what became known later (who the caller is, which run it is) to the running piece of work. */
export function enrichContext(known: Partial<Omit<WorkContext, 'correlationId'>>): void {
  const context = storage.getStore();
  if (context) Object.assign(context, known);
}

/** The caller's own correlation id when it is well formed, otherwise a new one. */
export function correlationIdFrom(header: string | readonly string[] | undefined): string {
  return typeof header === 'string' && CORRELATION_ID.test(header) ? header : randomUUID();
}
