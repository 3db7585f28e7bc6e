import { setTimeout as delay } from 'node:timers/promises';

export type Interruption = 'shutdown' | 'lock_lost' | 'timeout';

/** Time to put down what it holds, for a service that was told to stop. */
const GRACE_MS = 5_000;

/** One try of a job: it ends by itself, or is told to, or is given up. */
export class RunningJob {
  /** Why it was told to stop, if it was. */
  interruption: Interruption | undefined;
  private readonly controller = new AbortController();
  private readonly givenUp = Promise.withResolvers<never>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    readonly id: string,
    private readonly graceMs = GRACE_MS,
  ) {
    this.givenUp.promise.catch(() => undefined);
  }

  /** Settles with the work; when that ignores that it was told to stop, some seconds after. */
  async run(work: (signal: AbortSignal) => Promise<void>, timeoutMs: number | null): Promise<void> {
    if (timeoutMs !== null) this.timer = setTimeout(() => this.interrupt('timeout'), timeoutMs);
    try {
      await Promise.race([work(this.controller.signal), this.givenUp.promise]);
    } finally {
      clearTimeout(this.timer);
    }
  }

  interrupt(reason: Interruption): void {
    if (this.interruption) return;
    this.interruption = reason;
    clearTimeout(this.timer);
    this.controller.abort();
    const given = (): void => this.givenUp.reject(new Error('The work did not end when it was told to.'));
    void delay(this.graceMs, undefined, { ref: false }).then(given);
  }
}
