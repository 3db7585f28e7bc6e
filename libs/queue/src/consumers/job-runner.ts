import { UnrecoverableError, WaitingError, type Job } from 'bullmq';
import { correlationIdFrom, runWithContext, withSpanOf, type Logger } from '@flowmate/observability';
import { readEnvelope, type JobEnvelope } from '../catalog/job-definition.js';
import { verdictOn } from './job-failure.js';
import type { JobHandler } from './job-handler.js';
import { UNKNOWN_JOB, type JobMetrics, type JobOutcome } from './job-metrics.js';
import { RunningJob, type Interruption } from './running-job.js';

export interface JobRunnerParts {
  readonly handlers: ReadonlyMap<string, JobHandler>;
  readonly logger: Logger;
  readonly metrics: JobMetrics;
}

/** A job as it was taken from a queue, with what is needed to give it back. */
interface Taken {
  readonly job: Job<unknown>;
  readonly token: string | undefined;
  readonly handler: JobHandler;
  readonly envelope: JobEnvelope;
}

const OUTCOME: Readonly<Record<Interruption, JobOutcome>> = {
  shutdown: 'handed_back',
  lock_lost: 'lost',
  timeout: 'timed_out',
};

/** What happens with each job: checked, put into its context, done by exactly one service, and its end told. */
export class JobRunner {
  readonly running = new Set<RunningJob>();

  constructor(private readonly parts: JobRunnerParts) {}

  /** What it throws is for BullMQ. */
  async take(job: Job<unknown>, token: string | undefined): Promise<void> {
    const { handlers, metrics, logger } = this.parts;
    const handler = handlers.get(job.name);
    if (!handler || handler.job.queue !== job.queueName) {
      metrics.dropped(UNKNOWN_JOB, 'unknown');
      return logger.warn('a job of an unknown kind was dropped', { queue: job.queueName });
    }
    const envelope = readEnvelope(job.data);
    const work = envelope && handler.prepare(envelope.payload);
    if (!work) {
      metrics.dropped(job.name, 'invalid');
      return logger.warn('a job with a payload that is none was dropped', { job: job.name });
    }
    const fields = { job: job.name, jobId: job.id };
    await runWithContext({ correlationId: correlationIdFrom(envelope.correlationId) }, () =>
      withSpanOf(envelope.traceparent, `job ${job.name}`, fields, () =>
        this.attempt({ job, token, handler, envelope }, work),
      ),
    );
  }

  private async attempt(taken: Taken, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const { name, id = '' } = taken.job;
    const started = performance.now();
    const running = new RunningJob(id);
    this.running.add(running);
    const finished = (outcome: JobOutcome): void =>
      this.parts.metrics.finished(name, outcome, performance.now() - started);
    try {
      await running.run(work, taken.handler.job.timeoutMs);
      finished('completed');
    } catch (error) {
      const isLast = taken.job.attemptsMade + 1 >= taken.handler.job.attempts;
      if (running.interruption) {
        finished(OUTCOME[running.interruption]);
        await this.interrupted(taken, running.interruption);
      }
      const verdict = verdictOn(error);
      const willTryAgain = verdict.mayTryAgain && !isLast;
      if (!running.interruption) {
        finished(willTryAgain ? 'retried' : 'failed');
        this.parts.logger.failure(`the job ${name} failed`, error, { job: name, jobId: id });
      }
      throw willTryAgain ? verdict.error : new UnrecoverableError(verdict.error.message);
    } finally {
      this.running.delete(running);
    }
  }

  /** What was told to stop goes to another worker now, instead of after the lock's time. */
  private async interrupted({ job, token }: Taken, reason: Interruption): Promise<void> {
    this.parts.logger.warn(`the job ${job.name} was interrupted`, { job: job.name, jobId: job.id, reason });
    if (reason === 'shutdown') await this.handBack({ job, token });
  }

  /** Another worker has it at once. What it throws is for BullMQ. */
  async handBack({ job, token }: Pick<Taken, 'job' | 'token'>): Promise<never> {
    await job.moveToWait(token);
    throw new WaitingError();
  }
}
