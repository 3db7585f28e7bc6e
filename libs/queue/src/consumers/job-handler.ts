import type { AnyJob, JobDefinition } from '../catalog/job-definition.js';

/** A kind of job and the one service that does it. */
export interface JobHandler {
  readonly job: AnyJob;
  /** Nothing when the payload is not one of this kind. */
  readonly prepare: (stored: unknown) => ((signal: AbortSignal) => Promise<void>) | undefined;
}

/**
 * The signal is aborted when this process stops, when another worker may have the job, and when its time is over.
 * A service that was aborted and throws has its job handed back.
 */
export function handle<Payload extends object>(
  job: JobDefinition<Payload>,
  service: (payload: Payload, signal: AbortSignal) => Promise<void>,
): JobHandler {
  return {
    job,
    prepare: (stored) => {
      const payload = job.read(stored);
      return payload && ((signal) => service(payload, signal));
    },
  };
}

/** A mistake in our own wiring, which no restart heals; the process does not start with it. */
export class JobWiringError extends Error {
  override readonly name = 'JobWiringError';
}

/** Each job of the catalogue has exactly one handler, and each handler a job. */
export function byJobName(
  catalog: readonly AnyJob[],
  handlers: readonly JobHandler[],
): ReadonlyMap<string, JobHandler> {
  const problems = catalog.flatMap(({ name }) => {
    const count = handlers.filter(({ job }) => job.name === name).length;
    return count === 1 ? [] : [`the job ${name} has ${count === 0 ? 'no handler' : `${count} handlers`}`];
  });
  for (const { job } of handlers)
    if (!catalog.some(({ name }) => name === job.name))
      problems.push(`the handled job ${job.name} is not in the catalogue`);
  if (problems.length > 0) throw new JobWiringError(`The jobs are wired wrongly: ${problems.join('; ')}.`);
  return new Map(handlers.map((handler) => [handler.job.name, handler]));
}
