import { idsOnly, type AnyJob, type JobDefinition } from './job-definition.js';

/** The system's own proof that a job goes round: rung by each worker, answered by any. */
export const CANARY_JOB: JobDefinition<{ readonly workerId: string }> = {
  name: 'canary',
  queue: 'canary',
  // The next one comes 15 s later anyway.
  attempts: 1,
  backoffMs: 1_000,
  timeoutMs: 10_000,
  read: idsOnly('workerId'),
};

/** Rung when a mail was put into the outbox, so that it leaves at once. */
export const MAIL_DISPATCH_JOB: JobDefinition<{ readonly outboxId: string }> = {
  name: 'mail.dispatch',
  queue: 'mail',
  // The outbox has its own times for trying again.
  attempts: 1,
  backoffMs: 1_000,
  // Longer than the way out that takes longest.
  timeoutMs: 45_000,
  read: idsOnly('outboxId'),
};

/** Rung when somebody must look at a run. Who hears it reads the run: a bell proves nothing. */
export const RUN_JOB: JobDefinition<{ readonly runId: string }> = {
  name: 'run.execute',
  queue: 'agent-run-queue',
  // What is due is rung again.
  attempts: 1,
  backoffMs: 1_000,
  // A run has its own deadline, which may be hours away.
  timeoutMs: null,
  read: idsOnly('runId'),
};

/** Every kind of job there is. */
export const JOB_CATALOG: readonly AnyJob[] = [CANARY_JOB, MAIL_DISPATCH_JOB, RUN_JOB];

/** Queues without which everything is done all the same: the outbox is emptied by a duty, and canaries are many. */
export const SPARE_QUEUES: ReadonlySet<string> = new Set([CANARY_JOB.queue, MAIL_DISPATCH_JOB.queue]);

/** How many jobs of a queue one worker runs at once, unless its settings say so. */
export const CONCURRENCY: Readonly<Record<string, number>> = { canary: 1, mail: 10, 'agent-run-queue': 100 };
