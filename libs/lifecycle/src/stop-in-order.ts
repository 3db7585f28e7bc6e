import type { Running } from './ports.js';

export interface StopStep {
  /** What is stopped, for the log when it hangs. */
  readonly name: string;
  stop(): Promise<void>;
}

/**
 * Stops the parts of a process one after the other. A part that fails does not keep the rest from being
 * stopped; the failures come out together at the end.
 */
export function stopInOrder(steps: readonly StopStep[]): Running {
  let current: string | undefined;
  return {
    phase: () => current,
    stop: async () => {
      const failures: unknown[] = [];
      for (const step of steps) {
        current = step.name;
        // One after the other is the point: readiness before the listener, the stores last.
        // oxlint-disable-next-line no-await-in-loop
        await step.stop().catch((error: unknown) => failures.push(error));
      }
      current = undefined;
      if (failures.length > 0) throw new AggregateError(failures, 'Some parts of the process could not be stopped.');
    },
  };
}
